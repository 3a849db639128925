import FleetCore
import Foundation
import Signing

/// `fleetstream link`
enum LinkCommand {
    static func run(_ options: LinkOptions) -> ExitCode {
        guard let configuration = CommandRunner.configuration(options.common) else { return .configuration }
        let links: MessageLinks?
        let rules: MessageRules
        do {
            links = try MessageLinks(configuration)
            rules = try MessageFiles.load(configuration)
        } catch {
            CommandRunner.printError("\(error)")
            return .configuration
        }
        guard let links else {
            CommandRunner.printError("there are no keys to sign with: name a file of them as window.link_keys_file")
            return .configuration
        }
        let now_ms = Int64(Date().timeIntervalSince1970 * 1000)
        let expires_ms = options.expires_ms ?? now_ms + links.lifetime_ms
        guard (now_ms + 1...LinkToken.latest_ms).contains(expires_ms) else {
            CommandRunner.printError("fleetstream link: --expires is not in the years to come")
            return .usage
        }
        let subject = LinkSubject(fleet: Array(options.fleet.utf8), stop: Array(options.stop.utf8))
        let token = links.keys.token(for: subject, expires_ms: expires_ms)
        // A link with ids in it is another page's.
        let link = MessageLink.length(rules.link) == nil ? "/t/\(MessageLink.token)" : rules.link
        print(link.replacing(MessageLink.token, with: token))
        return .success
    }
}
