import CMosquitto
import Glibc

// libmosquitto calls these on the thread that is inside `mosquitto_loop_read`, `_write` or `_misc`: the one thread that
// owns the connection. The context is the `Connection` itself, unretained: it owns the handle and destroys it before it
// goes away, and no callback comes after that.

func setCallbacks(of handle: OpaquePointer) {
    mosquitto_connect_v5_callback_set(handle, onConnect)
    mosquitto_disconnect_v5_callback_set(handle, onDisconnect)
    mosquitto_message_v5_callback_set(handle, onMessage)
    mosquitto_publish_v5_callback_set(handle, onPublish)
    mosquitto_subscribe_v5_callback_set(handle, onSubscribe)
    mosquitto_log_callback_set(handle, onLog)
}

private func connection(_ context: UnsafeMutableRawPointer?) -> Connection? {
    context.map { Unmanaged<Connection>.fromOpaque($0).takeUnretainedValue() }
}

/// CONNACK arrived. On the owning thread, inside `read`.
private func onConnect(
    _: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ reason: Int32, _ flags: Int32,
    _ properties: OpaquePointer?
) {
    connection(context)?.handleConnect(reason: reason, flags: flags, properties: properties)
}

/// The socket is about to be closed, by a DISCONNECT of either side or an error. On the owning thread, inside `read`,
/// `write` or `keepAlive`.
private func onDisconnect(
    _: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ reason: Int32, _ properties: OpaquePointer?
) {
    connection(context)?.handleDisconnect(reason: reason, properties: properties)
}

/// A message arrived; it belongs to the library and is freed when this returns. On the owning thread, inside `read`.
private func onMessage(
    _: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ message: UnsafePointer<mosquitto_message>?,
    _ properties: OpaquePointer?
) {
    guard let connection = connection(context), let message = message?.pointee, let topic = message.topic else {
        return
    }
    connection.handleMessage(
        ReceivedMessage(
            topic: UnsafeRawBufferPointer(start: topic, count: strlen(topic)),
            payload: UnsafeRawBufferPointer(start: message.payload, count: Int(message.payloadlen)),
            packetID: UInt16(truncatingIfNeeded: message.mid), qos: UInt8(truncatingIfNeeded: message.qos),
            isRetained: message.retain, properties: properties))
}

/// A published message was acknowledged (QoS 1, inside `read`) or written (QoS 0, inside `write`). On the owning
/// thread.
private func onPublish(
    _: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ packetID: Int32, _ reason: Int32, _: OpaquePointer?
) {
    connection(context)?.handlePublished(packetID: UInt16(truncatingIfNeeded: packetID), reason: reason)
}

/// SUBACK arrived; every subscription is asked for in a packet of its own. On the owning thread, inside `read`.
private func onSubscribe(
    _: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ packetID: Int32, _ count: Int32,
    _ granted: UnsafePointer<Int32>?, _ properties: OpaquePointer?
) {
    guard count > 0, let granted = granted?.pointee else { return }
    connection(context)?.handleSubscribed(
        packetID: UInt16(truncatingIfNeeded: packetID), granted: granted, properties: properties)
}

/// The library's log, set only while connecting, when nothing is hot: what it says of TLS is said nowhere else. On the
/// owning thread, inside any call.
private func onLog(
    _: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ level: Int32, _ text: UnsafePointer<CChar>?
) {
    guard level == MOSQ_LOG_ERR, let text else { return }
    connection(context)?.handleComplaint(String(cString: text))
}
