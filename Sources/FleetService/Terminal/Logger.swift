package enum LogLevel: String, Sendable, CaseIterable { case debug, info, warning, error }
package enum LogFormat: String, Sendable, CaseIterable { case text, json }
