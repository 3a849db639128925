import Foundation
import Testing

@testable import Window

@Suite struct `The page` {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Sources/Window/Page/parts").standardizedFileURL

    @Test func `in the program is that of its sources`() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).sorted()
        #expect(PageFiles.all.map(\.name) == names, "run Sources/Window/Page/embed.py")
        for file in PageFiles.all {
            let source = try String(contentsOf: Self.folder.appendingPathComponent(file.name), encoding: .utf8)
            #expect(file.content == source, "\(file.name): run Sources/Window/Page/embed.py")
        }
    }

    @Test func `loads nothing from elsewhere, and has no scripts or styles within`() throws {
        for file in PageFiles.all where !file.name.hasSuffix(".svg") {
            #expect(!file.content.contains("http://") && !file.content.contains("https://"), "\(file.name)")
            #expect(!file.content.contains("innerHTML"), "\(file.name)")
        }
        let html = try #require(PageFiles.all.first { $0.name == "index.html" }).content
        #expect(!html.contains("style=") && !html.contains("<style") && !html.contains("onclick"))
        #expect(html.components(separatedBy: "<script").count == 2 && html.contains("></script>"))
    }

    @Test func `is served with what it may load`() throws {
        let stage = try SiteStage()
        let page = stage.get("/")
        #expect(page.status == .ok && page.contentSecurity == .page(tilesOrigin: nil))
        for name in ["app.js", "map.js", "stream.js", "words.js", "style.css", "icon.svg", "index.html", "config.json"]
        {
            #expect(stage.get("/\(name)").status == .ok, "\(name)")
        }
        #expect(stage.get("/embed.py").status == .notFound)
        #expect(stage.text("/config.json") == "{\"tiles\":\"\",\"tiles_attribution\":\"\"}\n")
        let policy = ContentSecurity.page(tilesOrigin: nil).policy
        #expect(policy.contains("script-src 'self';") && !policy.contains("unsafe"))
    }

    @Test func `may load tiles where there are some`() throws {
        var options = Site.Options()
        options.tiles = "https://tile.example.org/{z}/{x}/{y}.png"
        let page = try #require(Page(options).part([]))
        #expect(page.contentSecurity == .page(tilesOrigin: "https://tile.example.org"))
        #expect(page.contentSecurity.policy.contains("img-src 'self' data: https://tile.example.org;"))
    }
}
