import Foundation
import Testing

/// `fleetstream check` on the texts of messages.
@Suite struct MessageFilesTests {
    @Test func `check counts the longest values of each text, and names file, line and column`() throws {
        let folder = try Folder()
        let shipped = Programs.checkout.appendingPathComponent("Config/sms")
        let copy = URL(fileURLWithPath: folder.file("sms"))
        try FileManager.default.copyItem(at: shipped, to: copy)
        func check() throws -> Outcome {
            try run(
                Programs.fleetstream,
                ["check", "--geofences", Programs.geofences, "--set", "sms_folder=\(copy.path)"])
        }
        let good = try check()
        #expect(good.status == 0 && good.errors.isEmpty, "\(good)")
        let file = copy.appendingPathComponent("zh-Hant-TW.json5")
        let text = try String(contentsOf: file, encoding: .utf8)
        try text.replacing("謝謝您。", with: "謝謝您。" + String(repeating: "囉", count: 40)).write(
            to: file, atomically: true, encoding: .utf8)
        let long = try check()
        #expect(long.status == 1, "\(long)")
        let lines = long.errors.split(separator: "\n")
        #expect(lines.count == 2 && lines.allSatisfy { $0.hasPrefix(file.path + ":") }, "\(long.errors)")
        #expect(lines[0].contains(":19: texts.arriving: can have 77 characters"), "\(long.errors)")
        #expect(lines[0].contains("shorten the text by 7"), "\(long.errors)")
        let missing = try run(Programs.fleetstream, ["check", "--set", "sms_folder=/nonexistent/sms"])
        #expect(missing.status == 1 && missing.errors.contains("/nonexistent/sms: is no folder that can be read"))
    }
}
