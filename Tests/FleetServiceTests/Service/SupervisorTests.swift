import Foundation
import Glibc
import TestSupport
import Testing

@testable import FleetService

@Suite struct `What the supervisor is told` {
    private func watchdog_s(_ environment: [String: String]) -> Double? {
        Supervisor(
            environment: environment.merging(["NOTIFY_SOCKET": "/run/notify"]) { $1 }, processID: 17)?.watchdog_s
    }

    @Test func `the socket is a path or an abstract name`() {
        func has(_ name: String?) -> Bool {
            Supervisor(environment: name.map { ["NOTIFY_SOCKET": $0] } ?? [:]) != nil
        }
        #expect(has("/run/systemd/notify") && has("@notify"))
        #expect(!has(nil) && !has("") && !has("/") && !has("@") && !has("notify") && !has("vsock:2:1"))
        // 108 bytes are what an address has room for; a path ends with a zero.
        #expect(has("/" + String(repeating: "n", count: 106)))
        #expect(!has("/" + String(repeating: "n", count: 107)))
        #expect(!has("/nul\u{0}byte"))
    }

    @Test func `the watchdog is that of this process`() {
        #expect(watchdog_s([:]) == nil)
        #expect(watchdog_s(["WATCHDOG_USEC": "30000000"]) == 30)
        #expect(watchdog_s(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "17"]) == 30)
        #expect(watchdog_s(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "18"]) == nil)
        #expect(watchdog_s(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "x"]) == nil)
        for text in ["", "0", "-1", "x", "1e6", "18446744073709551615", "99999999999999999999"] {
            #expect(watchdog_s(["WATCHDOG_USEC": text]) == nil, "\(text)")
        }
    }

    @Test func `a message is one line, whatever is in it`() {
        #expect(Supervisor.Message.ready.line == "READY=1")
        #expect(Supervisor.Message.moreTime(seconds: 60).line == "EXTEND_TIMEOUT_USEC=60000000")
        #expect(Supervisor.Message.moreTime(seconds: -1).line == "EXTEND_TIMEOUT_USEC=0")
        #expect(Supervisor.Message.moreTime(seconds: .max).line.hasPrefix("EXTEND_TIMEOUT_USEC="))
        #expect(Supervisor.Message.status("full\nREADY=1\r\u{0}").line == "STATUS=full READY=1  ")
        #expect(Supervisor.Message.status(String(repeating: "滿", count: 1000)).line.count == 207)
    }

    @Test func `whom nobody hears does not wait`() {
        // No such socket: given up at once, and nothing breaks.
        Supervisor(environment: ["NOTIFY_SOCKET": "@nobody-\(UUID().uuidString)"])?.tell(.ready, .watchdog)
        Supervisor(environment: ["NOTIFY_SOCKET": "/nowhere/notify"])?.tell(.stopping)
    }

    @Test func `the text for people tells the state first`() {
        var status = ServiceStatus()
        #expect(status.supervisorLine == "starting")
        status.state = "store_full"
        status.reason = "no room"
        #expect(status.supervisorLine == "store_full: no room")
        status.state = "running"
        status.broker.address = "mqtt://b:1883"
        status.vehicles.total = 3
        status.vehicles.online = 2
        #expect(status.supervisorLine == "AWAY from mqtt://b:1883, 2 of 3 vehicles online, 0 messages/s, outbox 0")
        status.broker.isConnected = true
        #expect(status.supervisorLine.hasPrefix("connected to mqtt://b:1883, "))
    }
}
