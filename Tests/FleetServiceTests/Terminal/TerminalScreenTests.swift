import Foundation
import TestSupport
import Testing

@testable import FleetService

@Suite struct `Demonstration screen` {
    private let snapshot: DemoSnapshot = {
        var snapshot = DemoSnapshot()
        snapshot.vehicles = 50
        snapshot.vehiclesOnline = 48
        snapshot.vehiclesMoving = 37
        snapshot.messages = 1_234_567
        snapshot.messagesPerSecond = 49.96
        snapshot.lagMedian_ms = 4.24
        snapshot.lag99th_ms = 31
        snapshot.eventsPerSecond = 1.25
        snapshot.eventTotals = ["exited": 1180, "entered": 1204, "dwelled": 12, "crossed": 12]
        snapshot.outboxDepth = 3
        snapshot.deadLetters = 0
        snapshot.store_bytes = 13_002_342
        snapshot.broker = "127.0.0.1:41883"
        snapshot.uptime_s = 125
        snapshot.utcOffset_s = 8 * 3600
        snapshot.newestEvents = [
            .init(time_ms: 1_795_133_730_250, vehicle: "truck-0012", type: "entered", about: "大安森林公園"),
            .init(
                time_ms: 1_795_133_729_999, vehicle: "truck-0040-with-a-long-name", type: "prohibited_entered",
                about: "雪山隧道 (no-go)"),
            .init(time_ms: 1_795_133_728_000, vehicle: "t", type: "online"),
        ]
        return snapshot
    }()

    @Test func `the last line tells where the map is, if there is one`() {
        var snapshot = snapshot
        snapshot.window = "http://127.0.0.1:8080"
        #expect(
            DemoScreen.plainLines(snapshot, width: 80, height: 14).last
                == " Map: http://127.0.0.1:8080  Ctrl-C stops broker, processor and simulator.")
    }

    @Test func `a window of usual size shows everything`() {
        #expect(
            DemoScreen.plainLines(snapshot, width: 80, height: 14) == [
                " Fleetstream demo                                127.0.0.1:41883  up 2 min 05 s ",
                "",
                " vehicles 50         online 48           moving 37          ",
                " messages 1,234,567  per second 50       lag p50 4.2 ms      p99 31 ms          ",
                " events 2,408        per second 1.3      outbox 3            dead letters 0     ",
                " store 12 MiB       ",
                " entered 1,204       exited 1,180        crossed 12          dwelled 12         ",
                "",
                " time      vehicle        event               geofence",
                " 08:15:30  truck-0012     entered             大安森林公園",
                " 08:15:29  truck-0040-w…  prohibited_entered  雪山隧道 (no-go)",
                " 08:15:28  t              online              ",
                "",
                " Ctrl-C stops broker, processor and simulator.",
            ])
    }

    @Test func `no line is wider, and no screen higher, than any window`() {
        var troubled = snapshot
        troubled.trouble = "磁碟已滿 disk full: nothing is acknowledged until there is room"
        for snapshot in [snapshot, troubled, DemoSnapshot()] {
            for width in Array(0...90) + [400] {
                for height in [0, 1, 3, 4, 5, 9, 14, 40] {
                    let lines = DemoScreen.plainLines(snapshot, width: width, height: height)
                    #expect(lines.count <= height, "\(width) × \(height)")
                    for line in lines {
                        #expect(DisplayWidth.columns(of: line) <= width, "\(width) × \(height): \(line)")
                        #expect(!line.unicodeScalars.contains(where: isControl))
                    }
                    // Colours change nothing else.
                    let coloured = DemoScreen.render(snapshot, width: width, height: height, style: .colour)
                    #expect(
                        coloured.replacing(/\u{1B}\[[0-9;]*m/, with: "")
                            == DemoScreen.render(snapshot, width: width, height: height, style: .plain))
                }
            }
        }
    }

    @Test func `a tiny window shows one line`() {
        #expect(
            DemoScreen.plainLines(snapshot, width: 23, height: 30) == ["48 of 50 vehicles onli…"])
        #expect(DemoScreen.plainLines(snapshot, width: 80, height: 3).count == 1)
    }

    @Test func `trouble stands below the title`() {
        var snapshot = snapshot
        snapshot.trouble = "broker away"
        #expect(DemoScreen.plainLines(snapshot, width: 80, height: 24)[1] == " ! broker away")
        #expect(DemoScreen.statusLine(snapshot).hasSuffix(", broker away"))
    }

    @Test func `the screen is drawn over, line by line, without scrolling`() {
        let text = DemoScreen.render(snapshot, width: 80, height: 24, style: .plain)
        #expect(text.hasPrefix("\u{1B}[H Fleetstream"))
        #expect(text.hasSuffix("simulator.\u{1B}[K\u{1B}[J"))
        #expect(!text.contains("\u{1B}[2J"))
        #expect(text.components(separatedBy: "\r\n").count == 24)
    }

    @Test func `a line that fills the width is not cleared at its end`() {
        var snapshot = DemoSnapshot()
        snapshot.trouble = String(repeating: "x", count: 100)
        let lines = DemoScreen.render(snapshot, width: 40, height: 10, style: .plain).components(separatedBy: "\r\n")
        #expect(lines[1] == " ! " + String(repeating: "x", count: 36) + "…")
    }

    @Test func `names cannot steer the terminal`() {
        var snapshot = DemoSnapshot()
        snapshot.newestEvents = [
            .init(
                time_ms: 0, vehicle: "\u{1B}]0;x\u{07}", type: "a\r\nb",
                about: "x\u{9B}2J\u{202E}y" + String(repeating: "\u{301}", count: 100_000))
        ]
        snapshot.broker = "\u{1B}[2J"
        snapshot.eventTotals = ["\u{1B}[31m": 1]
        for line in DemoScreen.plainLines(snapshot, width: 80, height: 24) {
            #expect(!line.unicodeScalars.contains(where: isControl))
            #expect(line.unicodeScalars.count < 200)
        }
    }

    @Test func `figures are written for people`() {
        #expect([0, 999, 1000, -1_234_567].map(DemoScreen.grouped) == ["0", "999", "1,000", "-1,234,567"])
        #expect(
            [0, 0.04, 9.94, 9.95, 10, 1234.5, .nan, .infinity].map(DemoScreen.rate) == [
                "0.0", "0.0", "9.9", "10", "10", "1,235", "–", "–",
            ])
        #expect([nil, 0.5, 9999, 12_345].map(DemoScreen.lag) == ["–", "0.5 ms", "9,999 ms", "12 s"])
        #expect(
            [0, 1023, 1024, 1_572_864, Int.max].map(DemoScreen.size) == [
                "0 B", "1023 B", "1.0 KiB", "1.5 MiB", "8,388,608 TiB",
            ])
        #expect(
            [-1, 59, 60, 3600, 90_061].map(DemoScreen.duration) == [
                "0 s", "59 s", "1 min 00 s", "1 h 00 min", "25 h 01 min",
            ])
        #expect(DemoScreen.clock(-1, utcOffset_s: 0) == "23:59:59")
        #expect(DemoScreen.clock(.max, utcOffset_s: 0).count == 8)
        #expect(DemoScreen.clock(.min, utcOffset_s: -3600).count == 8)
    }
}

@Suite struct `Display width` {
    @Test(arguments: [
        ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("大安", 4), ("ｱ", 1), ("Ａ", 2), ("한글", 4),
        ("\u{1100}\u{1161}", 2),
        ("🚚", 2), ("👩‍👩‍👧", 2), ("❤️", 2), ("🇹🇼", 2), ("…", 1), ("α", 1), ("\u{200B}", 0), ("𠮷", 2), ("、", 2),
        ("\u{FFFD}", 1),
    ])
    func `characters take the columns of a terminal`(text: String, expected: Int) {
        #expect(DisplayWidth.columns(of: text) == expected)
    }

    @Test(arguments: [
        ("abc", 5, "abc  "), ("abc", 3, "abc"), ("abcd", 3, "ab…"), ("大安森林", 8, "大安森林"), ("大安森林", 7, "大安森…"),
        ("大安森林", 6, "大安… "), ("大", 1, "…"), ("大", 0, ""), ("", 2, "  "), ("a大", 2, "a…"),
        ("e\u{301}e\u{301}e", 2, "e\u{301}…"),
    ])
    func `texts are fitted without cutting a character`(text: String, width: Int, expected: String) {
        #expect(DisplayWidth.fitted(text, to: width) == expected)
    }

    @Test func `random texts are fitted exactly`() {
        let alphabet: [Character] = ["a", " ", "大", "é", "🚚", "e\u{301}", "\u{7}", "ｱ", "👩‍👩‍👧"]
        for seed in UInt64(1)...500 {
            var random = SplitMix64(seed: seed)
            let text = String(
                (0..<Int.random(in: 0...20, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "a" })
            for width in 0...25 {
                #expect(
                    DisplayWidth.columns(of: DisplayWidth.fitted(text, to: width)) == width, "seed \(seed), \(width)")
            }
        }
    }
}
