import FleetCore
import Foundation
import FoundationNetworking
import Store
import Testing

@testable import FleetService

@Suite struct `The API of a provider` {
    private static let entry = LedgerEntry(
        id: "1", receiptTopic: "t", to: "+886912345678", text: "您好", priority: 0, expires_ms: 60_000, due_ms: 0)

    private func outcome(_ status: Int, _ body: String, retryAfter: String? = nil) -> TwilioAPI.Outcome {
        TwilioAPI.outcome(HTTPAnswer(status: status, body: Array(body.utf8), retryAfter: retryAfter), now_ms: 0)
    }

    @Test func `a form escapes all that is not plain`() {
        #expect(TwilioAPI.form([("a b", "+&=%"), ("x", "中~")]) == "a%20b=%2B%26%3D%25&x=%E4%B8%AD~")
    }

    @Test func `requests carry credentials, fields and validity`() throws {
        var bridge = Configuration.SMSBridge()
        bridge.accountSID = "AC1"
        bridge.url = "http://h:1/"
        bridge.messagingServiceSID = "MG1"
        bridge.statusCallback = "https://c.example/x"
        let api = TwilioAPI(bridge, token: Secret("t"))
        let post = try #require(api.post(Self.entry, now_ms: 0))
        #expect(post.url?.absoluteString == "http://h:1/2010-04-01/Accounts/AC1/Messages.json")
        #expect(post.value(forHTTPHeaderField: "Authorization") == "Basic QUMxOnQ=")
        let body = String(decoding: try #require(post.httpBody), as: UTF8.self)
        #expect(
            body
                == "To=%2B886912345678&Body=%E6%82%A8%E5%A5%BD&MessagingServiceSid=MG1&StatusCallback=https%3A%2F%2Fc.example%2Fx&ValidityPeriod=60"
        )
        for (now_ms, validity) in [(Int64(70_000), "1"), (59_999, "1"), (-90_000_000_000, "14400")] {
            let body = String(decoding: api.post(Self.entry, now_ms: now_ms)?.httpBody ?? Data(), as: UTF8.self)
            #expect(body.hasSuffix("ValidityPeriod=\(validity)"), "\(body)")
        }
        #expect(api.find(Self.entry)?.url?.query == "To=%2B886912345678&PageSize=100")
    }

    @Test func `answers mean what they should`() {
        let message = TwilioAPI.Message(sid: "SM1", status: "queued", code: "")
        #expect(outcome(201, #"{"sid":"SM1","status":"queued","error_code":null}"#) == .message(message))
        #expect(
            outcome(200, "{}") == .retry(code: "", reason: "the answer names no message", after_s: nil, isLimit: false))
        #expect(
            outcome(429, #"{"code":20429,"message":"slow"}"#, retryAfter: "7")
                == .retry(code: "20429", reason: "slow", after_s: 7, isLimit: true))
        #expect(outcome(429, "") == .retry(code: "429", reason: "HTTP status 429", after_s: nil, isLimit: true))
        #expect(outcome(503, "<html>") == .retry(code: "503", reason: "HTTP status 503", after_s: nil, isLimit: false))
        #expect(
            outcome(400, #"{"code":30001,"message":"q"}"#)
                == .retry(code: "30001", reason: "q", after_s: nil, isLimit: false))
        #expect(
            outcome(400, #"{"code":21211,"message":"'To' +886912345678"}"#)
                == .refused(code: "21211", reason: "'To' +8869••••678"))
        for code in ["21610", "30005", "30006", "30007"] {
            #expect(outcome(400, "{\"code\":\(code),\"message\":\"\"}") == .refused(code: code, reason: ""))
        }
        #expect(outcome(401, "") == .unauthorized(reason: "HTTP status 401"))
        #expect(outcome(404, #"{"code":20404}"#) == .none && outcome(404, #"{"code":21606}"#) != .none)
        if case .retry = outcome(302, "") {} else { Issue.record("a redirection is not followed") }
        #expect(
            ["delivered", "read", "undelivered", "failed", "canceled", "sent", "?"].map {
                TwilioAPI.Message(sid: "", status: $0, code: "").end?.rawValue
            } == ["delivered", "delivered", "undelivered", "failed", "failed", nil, nil])
    }

    @Test func `Retry-After is a number of seconds or a date, and bounded`() {
        for (text, expected) in [
            ("0", 0), (" 12 ", 12), ("1.5", 1.5), ("-3", 0), ("1e9", 86_400), ("nan", nil), ("soon", nil), ("", nil),
            ("Thu, 01 Jan 1970 00:01:00 GMT", 60), ("Thu, 01 Jan 1970 00:01:00 +0000", 60),
        ] as [(String, Double?)] {
            #expect(TwilioAPI.retryAfter_s(text, now_ms: 0) == expected, "\(text)")
        }
    }

    @Test func `a lost message is found by number, text and time, and taken once`() {
        var entry = Self.entry
        entry.posted_ms = 1_000_000
        func search(_ body: String, status: Int = 200, taken: [String] = []) -> TwilioAPI.Outcome {
            TwilioAPI.search(
                HTTPAnswer(status: status, body: Array(body.utf8)), for: entry, now_ms: 0, isTaken: taken.contains)
        }
        func list(
            _ sid: String, to: String = "+886912345678", body: String = "您好",
            date: String = "Thu, 01 Jan 1970 00:16:30 +0000"
        ) -> String {
            #"{"sid":"\#(sid)","to":"\#(to)","body":"\#(body)","status":"sent","date_created":"\#(date)"}"#
        }
        func sid(_ outcome: TwilioAPI.Outcome) -> String? {
            if case .message(let message) = outcome { message.sid } else { nil }
        }
        #expect(sid(search("{\"messages\":[\(list("A")),\(list("B"))]}")) == "A")
        #expect(sid(search("{\"messages\":[\(list("A")),\(list("B"))]}", taken: ["A"])) == "B")
        let others = [
            list("A", to: "+886912345679"), list("B", body: "您"), list("C", date: "Thu, 01 Jan 1970 00:10:00 +0000"),
        ]
        #expect(search("{\"messages\":[\(others.joined(separator: ","))]}") == .none)
        #expect(search("{}") == .unsupported && search("", status: 404) == .unsupported)
        #expect(search("", status: 500) == .retry(code: "500", reason: "HTTP status 500", after_s: nil, isLimit: false))
    }

    @Test func `requests are read as the engine writes them`() throws {
        func read(_ text: String) throws(MessageRequest.Fault) -> MessageRequest {
            let bytes = Array(text.utf8)
            return try MessageRequest(json: bytes.span)
        }
        let request = try read(
            #"{"id":"0a","expirytime":"1970-01-01T00:00:05Z","data":{"to":"+886912345678","text":"x"}}"#)
        #expect(request.id == "0a" && request.expires_ms == 5_000 && request.to == "+886912345678")
        for (text, id) in [
            ("", nil), ("[]", nil), (#"{"id":"a/b"}"#, nil), (#"{"id":"a","data":{"to":"1","text":"x"}}"#, "a"),
            (#"{"id":"a","data":{"to":"+886912345678","text":""}}"#, "a"),
            (#"{"id":"a","expirytime":5,"data":{"to":"+886912345678","text":"x"}}"#, "a"),
        ] as [(String, String?)] {
            let fault = #expect(throws: MessageRequest.Fault.self) { _ = try read(text) }
            #expect(fault?.id == id, "\(text)")
        }
        #expect(MessageRequest.place(Array("fleets/a/sms/requests/high".utf8))?.prefix == "fleets/a")
        #expect(MessageRequest.place(Array("fleets/a/sms/requests/high".utf8))?.priority == 1)
        #expect(MessageRequest.place(Array("fleets/a/sms/receipts/high".utf8)) == nil)
        #expect(MessageRequest.place(Array("high".utf8)) == nil)
    }
}
