import Foundation
import Geo
import Testing

@Suite struct `GeoJSON` {
    private let reader = GeofenceReader { $0 == "Asia/Taipei" ? TimeZoneRules(fixedOffset_s: 28_800) : nil }

    private func read(_ text: String) -> GeofenceReading { reader.read(Array(text.utf8)) }

    private func feature(_ geometry: String, _ properties: String = "", id: String = "f") -> String {
        #"{"type":"Feature","properties":{"id":"\#(id)"\#(properties.isEmpty ? "" : ",")\#(properties)},"geometry":\#(geometry)}"#
    }

    private let square = #"{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1],[0,0]]]}"#
    private let point = #"{"type":"Point","coordinates":[121.5,25]}"#

    @Test func `all properties are read`() throws {
        let properties = #"""
            "name":"倉庫 Depot","kind":"depot","dwell_seconds":300,"confirm_fixes":3,"confirm_seconds":15.5,"exit_buffer_m":25,
            "use_accuracy":false,"applies_to":["vans","trucks"],"colour":"red","speed_limit_kmh":62.5,
            "schedule":{"days":"mon-fri","hours":["08:00-12:00","13:00-18:00"],"time_zone":"Asia/Taipei"}
            """#
        let reading = read(feature(square, properties))
        #expect(reading.problems == [])
        let fence = try #require(reading.fences.first)
        #expect(fence.id == "f" && fence.name == "倉庫 Depot" && fence.kind == .depot && fence.dwell_s == 300)
        #expect(fence.confirmFixes == 3 && fence.confirm_s == 15.5 && fence.exitBuffer_m == 25 && !fence.useAccuracy)
        #expect(fence.appliesTo == ["vans", "trucks"] && fence.speedLimit_kmh == 62.5)
        #expect(fence.schedule?.hours.count == 2 && fence.schedule?.timeZone == "Asia/Taipei")
        #expect(fence.shape.contains(at(0.5, 0.5)))
    }

    @Test func `defaults, and ids in all places`() throws {
        let bare = try #require(
            read(#"{"type":"Feature","id":7,"properties":null,"geometry":\#(square)}"#).fences.first)
        #expect(bare == Geofence(id: "7", shape: bare.shape))
        #expect(
            bare.name == "7" && bare.kind == .zone && bare.confirmFixes == 2 && bare.useAccuracy && bare.schedule == nil
        )
        let text = #"{"type":"Feature","id":"a","properties":{"id":"b"},"geometry":\#(square)}"#
        #expect(read(text).fences.first?.id == "b")
        #expect(reader.readFeature(Array(text.utf8), id: "b").fences.count == 1)
        #expect(reader.readFeature(Array(text.utf8), id: "a").problems.map(\.code) == [.idMismatch])
        let nameless = #"{"type":"Feature","properties":{},"geometry":\#(square)}"#
        #expect(reader.readFeature(Array(nameless.utf8), id: "topic").fences.first?.id == "topic")
        #expect(read(nameless).problems.map(\.code) == [.missingID])
    }

    @Test func `circles, corridors and either orientation`() {
        let line = #"{"type":"LineString","coordinates":[[0,0],[1,0]]}"#
        let lines = #"{"type":"MultiLineString","coordinates":[[[0,0],[1,0]],[[2,0],[3,0,12.5]]]}"#
        let clockwise = #"{"type":"Polygon","coordinates":[[[0,0],[0,1],[1,1],[1,0],[0,0]]]}"#
        let texts = [
            feature(point, #""radius_m":50"#, id: "a"), feature(line, #""buffer_m":100"#, id: "b"),
            feature(lines, #""buffer_m":100"#, id: "c"), feature(clockwise, id: "d"),
        ]
        let reading = read(#"{"features":[\#(texts.joined(separator: ","))],"type":"FeatureCollection"}"#)
        #expect(reading.problems == [] && reading.fences.map(\.id) == ["a", "b", "c", "d"])
        #expect(reading.fences.map(\.shape.kind) == [.circle, .corridor, .corridor, .polygon])
        #expect(reading.fences[2].shape.contains(at(2.5, 0.0005)) && !reading.fences[2].shape.contains(at(1.5, 0)))
    }

    @Test(arguments: [
        ("unclosed_ring", #"{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]}"#, ""),
        ("too_few_positions", #"{"type":"Polygon","coordinates":[[[0,0],[1,0],[0,0]]]}"#, ""),
        ("self_crossing", #"{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}"#, ""),
        ("zero_area", #"{"type":"Polygon","coordinates":[[[0,0],[1,1],[2,2],[0,0]]]}"#, ""),
        (
            "hole_outside",
            #"{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1],[0,0]],[[2,0],[3,0],[3,1],[2,0]]]}"#, ""
        ),
        (
            "nested_holes",
            #"{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,9],[0,0]],[[1,1],[8,1],[8,8],[1,1]],[[5,3],[6,3],[6,4],[5,3]]]}"#,
            ""
        ),
        (
            "disconnected",
            #"{"type":"Polygon","coordinates":[[[0,0],[8,0],[8,8],[0,8],[0,0]],[[4,0],[8,4],[4,8],[0,4],[4,0]]]}"#, ""
        ),
        (
            "overlapping_parts",
            #"{"type":"MultiPolygon","coordinates":[[[[0,0],[4,0],[4,4],[0,4],[0,0]]],[[[1,1],[2,1],[2,2],[1,1]]]]}"#,
            ""
        ),
        (
            "overlapping_parts",
            #"{"type":"MultiPolygon","coordinates":[[[[0,0],[4,0],[4,4],[0,4],[0,0]]],[[[4,0],[8,0],[8,4],[4,4],[4,0]]]]}"#,
            ""
        ),
        ("empty_coordinates", #"{"type":"Polygon","coordinates":[]}"#, ""),
        ("empty_coordinates", #"{"type":"Polygon","coordinates":[[]]}"#, ""),
        ("empty_coordinates", #"{"type":"Point","coordinates":[]}"#, #""radius_m":5"#),
        ("out_of_range", #"{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,91],[0,1],[0,0]]]}"#, ""),
        ("out_of_range", #"{"type":"Point","coordinates":[180.5,0]}"#, #""radius_m":5"#),
        ("not_finite", #"{"type":"Point","coordinates":[1e400,0]}"#, #""radius_m":5"#),
        ("wrong_type", #"{"type":"Point","coordinates":["121",0]}"#, #""radius_m":5"#),
        ("wrong_type", #"{"type":"Polygon"}"#, ""),
        ("missing_radius", #"{"type":"Point","coordinates":[0,0]}"#, ""),
        ("out_of_range", #"{"type":"Point","coordinates":[0,0]}"#, #""radius_m":0"#),
        ("out_of_range", #"{"type":"Point","coordinates":[0,0]}"#, #""radius_m":1000001"#),
        ("wrong_type", #"{"type":"Point","coordinates":[0,0]}"#, #""radius_m":"50""#),
        ("missing_buffer", #"{"type":"LineString","coordinates":[[0,0],[1,0]]}"#, ""),
        ("out_of_range", #"{"type":"LineString","coordinates":[[0,0],[1,0]]}"#, #""buffer_m":50001"#),
        ("too_few_positions", #"{"type":"LineString","coordinates":[[0,0]]}"#, #""buffer_m":10"#),
        ("unsupported_geometry", #"{"type":"GeometryCollection","geometries":[]}"#, ""),
        ("missing_geometry", "null", ""),
        ("wrong_type", "[]", ""),
    ])
    func `a shape that is not valid is refused, the rest loads`(
        _ code: String, _ geometry: String, _ properties: String
    ) throws {
        let bad = feature(geometry, properties, id: "bad")
        let text =
            #"{"type":"FeatureCollection","features":[\#(feature(square, id: "one")),\#(bad),\#(feature(square, id: "two"))]}"#
        let reading = read(text)
        #expect(reading.fences.map(\.id) == ["one", "two"])
        let problem = try #require(reading.problems.first)
        #expect(reading.problems.count == 1 && problem.code.rawValue == code, "\(problem)")
        #expect(problem.featureIndex == 1 && !problem.isWarning && !problem.reason.isEmpty)
        #expect(problem.featureID == "bad")
        let start = try #require(text.utf8.firstRange(of: bad.utf8)).lowerBound
        let offset = text.utf8.distance(from: text.utf8.startIndex, to: start)
        #expect(problem.offset >= offset && problem.offset < offset + bad.utf8.count)
    }

    @Test(arguments: [
        ("wrong_type", #""name":5"#), ("wrong_type", #""kind":"""#), ("out_of_range", #""dwell_seconds":-1"#),
        ("wrong_type", #""dwell_seconds":"5""#), ("out_of_range", #""confirm_fixes":0"#),
        ("out_of_range", #""confirm_fixes":101"#),
        ("wrong_type", #""confirm_fixes":2.5"#), ("out_of_range", #""exit_buffer_m":-1"#),
        ("wrong_type", #""use_accuracy":"yes""#),
        ("wrong_type", #""applies_to":[1]"#), ("wrong_type", #""schedule":"always""#),
        ("invalid_schedule", #""schedule":{}"#),
        ("out_of_range", #""speed_limit_kmh":0"#), ("out_of_range", #""speed_limit_kmh":200.5"#),
        ("wrong_type", #""speed_limit_kmh":"50""#), ("wrong_type", #""speed_limit_kmh":[50]"#),
        ("unknown_time_zone", #""schedule":{"time_zone":"Asia/Taipeh"}"#),
        ("invalid_schedule", #""schedule":{"time_zone":"UTC","days":"mon-foo"}"#),
        ("invalid_schedule", #""schedule":{"time_zone":"UTC","days":[]}"#),
        ("invalid_schedule", #""schedule":{"time_zone":"UTC","hours":["8-12"]}"#),
        ("invalid_schedule", #""schedule":{"time_zone":"UTC","hours":["24:00-08:00"]}"#),
        ("invalid_schedule", #""schedule":{"time_zone":"UTC","hour":["08:00-09:00"]}"#),
    ])
    func `properties of a wrong type or value are refused`(_ code: String, _ properties: String) {
        let reading = read(feature(square, properties))
        #expect(reading.fences.isEmpty && reading.problems.map(\.code.rawValue) == [code])
    }

    @Test func `misspelt properties are warned of`() {
        for (word, meant) in [
            ("dwell_second", "dwell_seconds"), ("confrim_fixes", "confirm_fixes"), ("naem", "name"),
            ("radius", "radius_m"),
            ("useAccuracy", "use_accuracy"), ("Kind", "kind"), ("aplies_too", "applies_to"),
        ] {
            let reading = read(feature(square, #""\#(word)":1"#))
            #expect(reading.fences.count == 1 && !reading.hasErrors)
            #expect(
                reading.problems.first?.isWarning == true
                    && reading.problems.first?.reason.contains("\"\(meant)\"") == true, "\(word)")
        }
        for word in ["note", "colour", "height_m", "city", ""] {
            #expect(read(feature(square, #""\#(word)":1"#)).problems == [], "\(word)")
        }
    }

    @Test func `the same id twice is refused the second time`() {
        let reading = read(
            #"{"type":"FeatureCollection","features":[\#(feature(square)),\#(feature(point, #""radius_m":5"#))]}"#)
        #expect(reading.fences.count == 1 && reading.fences[0].shape.kind == .polygon)
        #expect(reading.problems.map(\.code) == [.duplicateID] && reading.problems[0].featureIndex == 1)
    }

    @Test func `a text that is not JSON is one problem with its place`() {
        for (text, offset) in [
            ("", 0), ("  ", 0), (#"{"type":"FeatureCollection","features":[}"#, 40), ("{\"type\":\u{1}}", 8),
            (#"{"a":1"#, 6),
        ] {
            let reading = read(text)
            #expect(reading.fences.isEmpty && reading.problems.map(\.code) == [.notJSON], "\(text)")
            #expect(reading.problems.first?.offset == offset && reading.problems.first?.featureIndex == nil, "\(text)")
        }
        #expect(reader.read([0x7B, 0xFF, 0x7D]).problems.map(\.code) == [.notJSON])
        #expect(read(String(repeating: "[", count: 100_000)).problems.map(\.code) == [.notJSON])
        for text in [
            "[]", "5", "{}", square, #"{"type":"FeatureCollection"}"#, #"{"type":"FeatureCollection","features":{}}"#,
        ] {
            #expect(read(text).problems.count == 1 && read(text).fences.isEmpty, "\(text)")
        }
        #expect(read(#"{"type":"FeatureCollection","features":[]}"#).problems == [])
        #expect(
            read(#"{"type":"FeatureCollection","features":[5,null]}"#).problems.map(\.code) == [
                .notAFeature, .notAFeature,
            ])
        #expect(reader.readFeature([], id: "x").problems.map(\.code) == [.notJSON])
    }

    @Test func `the number of vertices is limited`() {
        let small = GeofenceReader(vertexLimit: 8) { _ in nil }
        func ring(_ corners: Int) -> String {
            let positions = (0...corners).map { i in
                let angle = Double(i % corners) / Double(corners) * 2 * .pi
                return "[\(cos(angle)),\(sin(angle))]"
            }
            return #"{"type":"Polygon","coordinates":[[\#(positions.joined(separator: ","))]]}"#
        }
        #expect(small.read(Array(feature(ring(7)).utf8)).problems == [])
        #expect(small.read(Array(feature(ring(8)).utf8)).problems.map(\.code) == [.tooManyVertices])
        // A million positions: refused before they become a tree.
        let million = "[" + Array(repeating: "[0,0]", count: 1_000_000).joined(separator: ",") + "]"
        let text = feature(#"{"type":"Polygon","coordinates":[\#(million)]}"#)
        #expect(
            GeofenceReader(vertexLimit: 1000) { _ in nil }.read(Array(text.utf8)).problems.map(\.code) == [
                .tooManyVertices
            ])
    }

    @Test func `the fences of Taipei load without a problem`() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Geofences/taipei.geojson")
        let reading = reader.read(Array(try Data(contentsOf: file)))
        #expect(reading.problems == [])
        #expect(reading.fences.count == 21)
        let set = FenceSet(reading.fences)
        set._checkInvariants()
        #expect(set.idsContaining(at(121.5172, 25.0469)) == ["c-1001", "zone-centre"])
        // The park is a hole.
        #expect(set.idsContaining(at(121.52, 25.0425)).isEmpty)
    }
}
