import FleetCore
import Testing

@testable import FleetService

@Suite struct `A road answer in its own form` {
    @Test func `is what the journal holds`() throws {
        let answer = RoadAnswer(
            source: .valhalla, distance_m: 1204.46, duration_s: 181.25,
            legs: [.init(distance_m: 1000, duration_s: 100.04), .init(distance_m: 204.5, duration_s: 81.2)],
            path: [
                RoadPoint(latitude_e7: 250_478_004, longitude_e7: 1_215_170_006),
                RoadPoint(latitude_e7: -10, longitude_e7: -1_800_000_000),
            ])
        let json = RoadReply.answer(answer).json()
        #expect(
            String(decoding: json, as: UTF8.self)
                == #"{"source":"valhalla","distance_m":1204.5,"duration_s":181.3,"legs":[{"distance_m":1000,"#
                + #""duration_s":100},{"distance_m":204.5,"duration_s":81.2}],"path":[[121.517001,25.0478],"#
                + #"[-180,-0.000001]]}"#)
        #expect(try RoadReply(json) == .answer(answer))
        let failure = RoadReply.failure(RoadFailure(.circuitOpen, "\"no\"\n路"))
        #expect(String(decoding: failure.json(), as: UTF8.self) == #"{"error":"circuit_open","detail":"\"no\"\n路"}"#)
        #expect(try RoadReply(failure.json()) == failure)
    }

    @Test(arguments: roadSeeds(200)) func `reads back as it was written`(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SplitMix64(seed: seed)
        let answer = RoadReply.answer(.random(using: &random))
        let json = answer.json()
        #expect(try RoadReply(json) == answer, "seed \(seed)")
        #expect(try RoadReply(json).json() == json, "seed \(seed)")
        for reason in RoadFailure.Reason.allCases {
            let detail = String(
                (0..<Int.random(in: 0...600, using: &random)).map { _ in
                    "a\"\\路\u{1}".randomElement(using: &random) ?? "b"
                })
            let failure = RoadReply.failure(RoadFailure(reason, detail))
            #expect(try RoadReply(failure.json()) == failure, "seed \(seed)")
        }
    }

    @Test(arguments: roadSeeds(300)) func `hostile bytes give an error or a reply, never a crash`(seed: UInt64) {
        print("seed \(seed)")
        var random = SplitMix64(seed: seed)
        var json = RoadReply.answer(.random(using: &random)).json()
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let index = Int.random(in: 0..<json.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: json[index] = UInt8.random(in: 0...255, using: &random)
            case 1: json.insert(UInt8(ascii: "9"), at: index)
            case 2: json.remove(at: index)
            default: json.removeLast(json.count - index)
            }
            if json.isEmpty { json = [0] }
        }
        // Whatever is read can be written and read again.
        guard let reply = try? RoadReply(json) else { return }
        #expect((try? RoadReply(reply.json())) == reply, "seed \(seed)")
        if case .answer(let answer) = reply { #expect(answer.problem == nil, "seed \(seed)") }
    }

    @Test(arguments: [
        ("", "the text is empty"), ("[]", "allow"), ("{}", "without source"), (#"{"error":"no"}"#, "unknown error"),
        (#"{"error":null}"#, "allow"), (#"{"source":"osrm"}"#, "without source"), ("{} {}", "more text"),
        (#"{"source":"google","distance_m":1}"#, "unknown source"),
        (
            #"{"source":"osrm","distance_m":-1,"duration_s":1,"legs":[{"distance_m":1,"duration_s":1}],"path":[[1,1],[2,2]]}"#,
            "range"
        ),
        (
            #"{"source":"osrm","distance_m":1,"duration_s":1e308,"legs":[{"distance_m":1,"duration_s":1}],"path":[[1,1],[2,2]]}"#,
            "range"
        ),
        (#"{"source":"osrm","distance_m":1,"duration_s":1,"legs":[],"path":[[1,1],[2,2]]}"#, "without legs"),
        (#"{"source":"osrm","distance_m":1,"duration_s":1,"legs":[{"distance_m":1}],"path":[[1,1],[2,2]]}"#, "without"),
        (
            #"{"source":"osrm","distance_m":1,"duration_s":1,"legs":[{"distance_m":1,"duration_s":1}],"path":[[1,1]]}"#,
            "less than two"
        ),
        (
            #"{"source":"osrm","distance_m":1,"duration_s":1,"legs":[{"distance_m":1,"duration_s":1}],"path":[[1],[2,2]]}"#,
            "range"
        ),
        (
            #"{"source":"osrm","distance_m":1,"duration_s":1,"legs":[{"distance_m":1,"duration_s":1}],"path":[[181,1],[2,2]]}"#,
            "range"
        ),
        (
            #"{"source":"osrm","distance_m":1,"duration_s":1,"legs":[{"distance_m":1,"duration_s":1}],"path":[[1e400,1],[2,2]]}"#,
            "large"
        ),
    ])
    func `says what is wrong`(json: String, words: String) throws {
        let error = #expect(throws: RoadReplyError.self) { try RoadReply(Array(json.utf8)) }
        let found = error.map { "\($0)" } ?? ""
        #expect(json.isEmpty || found.contains(words), "\(json): \(found)")
    }

    @Test func `has limits`() throws {
        func way(legs: Int, points: Int) -> RoadAnswer {
            RoadAnswer(
                source: .osrm, distance_m: 1, duration_s: 1,
                legs: Array(repeating: .init(distance_m: 1, duration_s: 1), count: legs),
                path: Array(
                    repeating: RoadPoint(latitude_e7: -899_999_990, longitude_e7: -1_799_999_990), count: points))
        }
        let most = RoadReply.answer(way(legs: 99, points: RoadAnswer.path_max)).json()
        #expect(most.count <= RoadReply.bytes_max)
        #expect(try RoadReply(most) == .answer(way(legs: 99, points: RoadAnswer.path_max)))
        for (legs, points, reason) in [
            (100, 2, RoadReplyError.Reason.tooManyLegs), (1, RoadAnswer.path_max + 1, .tooManyPoints),
        ] {
            let json = RoadReply.answer(way(legs: legs, points: points)).json()
            #expect(#expect(throws: RoadReplyError.self) { try RoadReply(json) }?.reason == reason)
        }
        let long = most + [UInt8](repeating: 32, count: RoadReply.bytes_max)
        #expect(#expect(throws: RoadReplyError.self) { try RoadReply(long) }?.reason == .tooLong)
        let detail = Array(#"{"error":"timeout","detail":"\#(String(repeating: "x", count: 501))"}"#.utf8)
        #expect(#expect(throws: RoadReplyError.self) { try RoadReply(detail) }?.reason == .textTooLong)
    }

    @Test(arguments: roadSeeds(50)) func `a question reads back too`(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SplitMix64(seed: seed)
        let points = (0..<Int.random(in: 2...100, using: &random)).map { _ in RoadPoint.random(using: &random) }
        let question = RoadQuestion(
            fleet: Array("acme".utf8), id: Array("r-1/2/路".utf8), points: points,
            time_ms: Int64.random(in: .min ... .max, using: &random))
        let json = question.json()
        #expect(RoadQuestion(topic: question.topic, json: json.span) == question, "seed \(seed)")
        #expect(RoadQuestion(topic: Array("acme".utf8), json: json.span) == nil)
        #expect(RoadQuestion(topic: Array("/x".utf8), json: json.span) == nil)
        for length in 0..<json.count {
            #expect(RoadQuestion(topic: question.topic, json: json.span.extracting(0..<length)) == nil)
        }
        let many = RoadQuestion("a", Array(repeating: .at(0, 0), count: 101))
        #expect(RoadQuestion(topic: many.topic, json: many.json().span) == nil)
    }

    @Test(arguments: 495...505) func `a detail that is too long is cut between two characters`(length: Int) {
        for character in ["x", "é", "路", "🚚"] {
            let detail = String(repeating: "y", count: length % 5) + String(repeating: character, count: length)
            let cut = RoadFailure(.invalid, detail).detail
            let size = character.utf8.count
            #expect(String(validating: cut, as: UTF8.self).map(detail.hasPrefix) == true)
            #expect(cut.count == detail.utf8.count || (501 - size...500).contains(cut.count))
        }
    }

    @Test func `points are rounded to the nearest, and stay on the earth`() {
        func rounded(_ value: Int32, _ unit: Int32) -> Int32 {
            RoadPoint(latitude_e7: value, longitude_e7: 0).rounded(to: unit).latitude_e7
        }
        #expect(rounded(49, 100) == 0 && rounded(50, 100) == 100 && rounded(-50, 100) == -100 && rounded(-49, 100) == 0)
        #expect(rounded(900_000_000, 1000) == 900_000_000 && rounded(.max, 100) == 900_000_000)
        #expect(rounded(.min, 100) == -900_000_000 && rounded(7, 0) == 7)
    }
}
