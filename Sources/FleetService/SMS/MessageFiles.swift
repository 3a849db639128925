package import FleetCore
import Foundation

/// The folder of messages to people (`Config/sms`): `messages.json5`, and a file of texts for each language. Everything
/// that is wrong in them is found in one run.
package enum MessageFiles {
    /// The file that is no language.
    static let settingsName = "messages.json5"
    private static let suffix = ".json5"
    /// More than any of them needs.
    static let size_max = 1 << 20
    /// More languages than any fleet speaks.
    static let files_max = 100

    /// The rules of the configuration: those of its folder; without one there are no texts, and so no messages.
    package static func load(_ configuration: Configuration) throws(ConfigurationErrors) -> MessageRules {
        if configuration.smsFolder.isEmpty { return MessageRules() }
        let rules = try load(folder: configuration.smsFolder)
        if rules.link.contains(MessageLink.token), configuration.window.linkKeysFile.isEmpty {
            throw problem(
                configuration.smsFolder + "/" + settingsName,
                "has {token} in its link, and there are no keys to sign it",
                "name a file of keys as window.link_keys_file, or take {token} out of the link")
        }
        return rules
    }

    /// Reads a folder; errors name its files as `folder` does.
    package static func load(folder: String) throws(ConfigurationErrors) -> MessageRules {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
                .filter { $0.hasSuffix(suffix) && !$0.hasPrefix(".") }
                .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        } catch {
            throw problem(
                folder, "is no folder that can be read", "give a folder of messages, or none as sms_folder: \"\"")
        }
        guard names.contains(where: { $0 != settingsName }) else {
            throw problem(
                folder, "has no texts",
                "put a file of texts there, such as zh-Hant-TW.json5, or give none as sms_folder: \"\"")
        }
        guard names.count <= files_max else {
            throw problem(folder, "has \(names.count) files", "leave at most \(files_max) in it")
        }
        return try read(folder: folder, names: names)
    }

    private static func read(folder: String, names: [String]) throws(ConfigurationErrors) -> MessageRules {
        var rules = MessageRules()
        var errors: [ConfigurationError] = []
        var files: [(name: String, content: [UInt8])] = []
        for name in names {
            let path = folder + "/" + name
            switch readWholeFile(path, size_max: size_max) {
            case .success(let content): files.append((name, content))
            case .failure(let failure):
                errors += problem(path, failure.problem, "make it readable, or remove it").errors
            }
        }
        var settings: MessageSettingsReader?
        if let file = files.first(where: { $0.name == settingsName }) {
            var reader = MessageSettingsReader(file.content, name: folder + "/" + file.name)
            reader.read(into: &rules)
            settings = reader
        }
        var languageErrors: [ConfigurationError] = []
        for file in files where file.name != settingsName {
            let tag = String(file.name.dropLast(suffix.count))
            var reader = MessageLanguageReader(file.content, name: folder + "/" + file.name)
            if let language = reader.read(tag: tag, rules: rules) { rules.set(language) }
            languageErrors += reader.document.sortedErrors
        }
        settings?.checkLanguage(rules, tags: files.map { String($0.name.dropLast(suffix.count)) })
        if settings == nil, !names.contains(rules.language + suffix) {
            errors +=
                problem(
                    folder, "has no \(rules.language)\(suffix), the default language",
                    "name another as language in \(settingsName)"
                ).errors
        }
        errors += (settings?.document.sortedErrors ?? []) + languageErrors
        guard errors.isEmpty else { throw ConfigurationErrors(errors: errors) }
        return rules
    }

    private static func problem(_ path: String, _ problem: String, _ advice: String) -> ConfigurationErrors {
        ConfigurationErrors(errors: [
            ConfigurationError(origin: .wholeFile(path: path), key: nil, problem: problem, advice: advice)
        ])
    }
}
