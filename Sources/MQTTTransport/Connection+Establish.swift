import Glibc

/// Getting from options to a connection that the broker has accepted.
extension Connection {
    /// `isCancelled` is asked at least this often: it may depend on the time.
    private static let longestWait_ms = 200

    /// Looks the broker up, connects, and waits for its answer, at most `options.connectTimeout_ms` in all.
    ///
    /// - Parameters:
    ///   - attempt: counts the attempts; a host with several addresses is tried at each in turn. (With TLS the library
    ///     needs the name, and only the choice between IPv4 and IPv6 is ours.)
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
        if options.tls == nil {
            try connection.open(host: addresses[attempt % addresses.count], maximumPacket_bytes: maximumPacket_bytes)
        } else {
            let candidates = firstOfEachFamily(addresses)
            let address = candidates[attempt % candidates.count]
            guard
                try waitUntilReachable(
                    address, options, until: deadline, wakeUp: wakeUp, isCancelled: isCancelled)
            else { return nil }
            // A local address of one family makes the library skip the host's addresses of the other.
            let anyAddress = candidates.count == 1 ? nil : address.contains(":") ? "::" : "0.0.0.0"
            try connection.open(
                host: options.host, bindAddress: options.bindAddress ?? anyAddress,
                maximumPacket_bytes: maximumPacket_bytes)
        }
        while connection.phase == .opening {
            if isCancelled() { return nil }
            try connection.handshakeTurn(wakeUp: wakeUp, timeout_ms: try timeLeft(until: deadline, options))
        }
        return connection
    }

    /// One wait, and what it made possible, while the connection is opening.
    private func handshakeTurn(wakeUp: WakeUp, timeout_ms: Int) throws(MQTTError) {
        let ready = wakeUp.wait(socket: socket, forWriting: wantsWrite, timeout_ms: timeout_ms)
        if ready.isWritable { noteWritable() }
        // Before the TCP connection stands, reading is an error. Later, TLS may turn a read into the chance to write.
        guard isKnownWritable else { return }
        if ready.isWritable { try write() }
        if ready.isReadable { _ = try read() }
        try write()
    }

    private static func timeLeft(until deadline_ms: Int64, _ options: MQTTOptions) throws(MQTTError) -> Int {
        let left = deadline_ms - monotonicTime_ms()
        guard left > 0 else {
            throw MQTTError(
                .timedOut, "\(options.host):\(options.port) did not answer within \(options.connectTimeout_ms) ms",
                advice: "is the address right, and the port open in the firewall?")
        }
        return min(longestWait_ms, Int(left))
    }

    private static func firstOfEachFamily(_ addresses: [String]) -> [String] {
        let version6 = addresses.first { $0.contains(":") }
        let version4 = addresses.first { !$0.contains(":") }
        return addresses.filter { $0 == version6 || $0 == version4 }
    }

    /// Makes a TCP connection to a numeric address, without blocking, and closes it again. Returns false where it was
    /// cancelled.
    private static func waitUntilReachable(
        _ address: String, _ options: MQTTOptions, until deadline_ms: Int64, wakeUp: WakeUp, isCancelled: () -> Bool
    ) throws(MQTTError) -> Bool {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICHOST
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address, "\(options.port)", &hints, &list) == 0, let entry = list else { return true }
        defer { freeaddrinfo(list) }
        let flags = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = Glibc.socket(entry.pointee.ai_family, flags, 0)
        guard descriptor >= 0 else { return true }
        defer { Glibc.close(descriptor) }
        var outcome: Int32 = 0
        if connect(descriptor, entry.pointee.ai_addr, entry.pointee.ai_addrlen) != 0 {
            outcome = errno
            while outcome == EINPROGRESS {
                if isCancelled() { return false }
                let timeout_ms = try timeLeft(until: deadline_ms, options)
                guard wakeUp.wait(socket: descriptor, forWriting: true, timeout_ms: timeout_ms).isWritable else {
                    continue
                }
                var length = socklen_t(MemoryLayout<Int32>.size)
                getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &outcome, &length)
            }
        }
        guard outcome == 0 else {
            throw ConnectionFailure.system(
                outcome, broker: "\(options.host):\(options.port)", wasOpening: true)
        }
        return true
    }
}
