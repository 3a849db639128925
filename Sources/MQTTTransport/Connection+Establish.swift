/// Getting from options to a connection that the broker has accepted.
extension Connection {
    /// `isCancelled` is asked at least this often: it may depend on the time.
    private static let longestWait_ms = 200

    /// Looks the broker up, connects, and waits for its answer, at most `options.connectTimeout_ms` in all.
    ///
    /// - Parameters:
    ///   - attempt: counts the attempts; a host with several addresses is tried at each in turn. (With TLS the library
    ///     needs the name and takes the first address that does not refuse at once.)
    ///   - wakeUp: signalled to look at `isCancelled` again.
    /// - Returns: nil where it was cancelled.
    static func establish(
        options: MQTTOptions, attempt: Int, maximumPacket_bytes: Int, sendMaximum: UInt16 = 65_535,
        owner: any ConnectionOwner, wakeUp: WakeUp, isCancelled: () -> Bool
    ) throws(MQTTError) -> Connection? {
        let deadline = monotonicTime_ms() + Int64(options.connectTimeout_ms)
        let connection = try Connection(options: options, sendMaximum: sendMaximum, owner: owner)
        guard
            let addresses = try HostLookup.addresses(
                of: options.host, within: options.connectTimeout_ms, wakeUp: wakeUp, isCancelled: isCancelled)
        else { return nil }
        let host = options.tls == nil ? addresses[attempt % addresses.count] : options.host
        try connection.open(host: host, maximumPacket_bytes: maximumPacket_bytes)
        while connection.phase == .opening {
            if isCancelled() { return nil }
            let left = deadline - monotonicTime_ms()
            guard left > 0 else {
                throw MQTTError(
                    .timedOut,
                    "\(options.host):\(options.port) did not answer within \(options.connectTimeout_ms) ms",
                    advice: "is the address right, and the port open in the firewall?")
            }
            try connection.handshakeTurn(wakeUp: wakeUp, timeout_ms: min(Self.longestWait_ms, Int(left)))
        }
        return connection
    }

    /// One wait, and what it made possible, while the connection is opening.
    private func handshakeTurn(wakeUp: WakeUp, timeout_ms: Int) throws(MQTTError) {
        let ready = wakeUp.wait(
            socket: socket, forWriting: shouldPollForWriting, timeout_ms: min(timeout_ms, handshakePoll_ms))
        if ready.isWritable { noteWritable() }
        // Before the TCP connection stands, reading is an error. Later, TLS may turn a read into the chance to write.
        guard isKnownWritable else { return }
        try write()
        if ready.isReadable { _ = try read() }
        try write()
    }
}
