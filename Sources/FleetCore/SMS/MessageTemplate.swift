/// What a template can leave open.
package enum MessagePlaceholder: UInt8, Sendable, CaseIterable {
    case customer
    case order
    case stop
    case route
    case driver
    case address
    case company
    case link
    case reason
    /// When the vehicle comes, `14:05`.
    case eta
    /// The promised window, `14:00-16:00`.
    case window
    /// The day of the window, or else of the ETA.
    case date
    /// Minutes until the vehicle comes, 1…999.
    case minutes

    package var name: String {
        switch self {
        case .customer: "customer"
        case .order: "order"
        case .stop: "stop"
        case .route: "route"
        case .driver: "driver"
        case .address: "address"
        case .company: "company"
        case .link: "link"
        case .reason: "reason"
        case .eta: "eta"
        case .window: "window"
        case .date: "date"
        case .minutes: "minutes"
        }
    }

    package init?(name: String) {
        guard let placeholder = Self.allCases.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
            return nil
        }
        self = placeholder
    }

    /// The most UTF-16 units of a value whose form is fixed; nil for those that a language's file declares.
    package func fixedLength(_ dates: MessageDateStyle) -> Int? {
        switch self {
        case .eta: 5
        case .window: 11
        case .minutes: 3
        case .date: dates.length
        default: nil
        }
    }

    /// Without it a message says nothing: it is not sent then.
    var isEssential: Bool {
        switch self {
        case .eta, .window, .date, .minutes: true
        default: false
        }
    }
}

/// How a day is written.
package enum MessageDateStyle: String, Sendable, CaseIterable {
    /// `11/20`
    case numeric
    /// `11月20日`
    case chinese
    /// `20 Nov`
    case english

    /// Most UTF-16 units.
    package var length: Int { self == .numeric ? 5 : 6 }

    func text(month: Int, day: Int) -> String {
        let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        return switch self {
        case .numeric: "\(month)/\(day)"
        case .chinese: "\(month)月\(day)日"
        case .english: "\(day) \(names[min(max(month, 1), 12) - 1])"
        }
    }
}

/// A message's text with placeholders in braces, taken apart.
package struct MessageTemplate: Sendable {
    package enum Piece: Sendable {
        case text(String)
        case value(MessagePlaceholder)
    }

    /// What is wrong with a template, and where: an offset in Unicode scalars.
    package struct Fault: Error, Sendable, Equatable {
        package enum Problem: Sendable, Equatable {
            case unknownPlaceholder(String)
            case openBrace
            case strayBrace
            case controlCharacter
            case empty
        }

        package var offset: Int
        package var problem: Problem
    }

    package let text: String
    package let pieces: [Piece]

    package init(_ text: String) throws(Fault) {
        self.text = text
        var pieces: [Piece] = []
        var plain = ""
        var name: (text: String, offset: Int)?
        for (offset, scalar) in text.unicodeScalars.enumerated() {
            if scalar.properties.generalCategory == .control {
                throw Fault(offset: offset, problem: .controlCharacter)
            }
            switch (scalar, name) {
            case ("{", nil):
                if !plain.isEmpty { pieces.append(.text(plain)) }
                plain = ""
                name = ("", offset)
            case ("{", let open?):
                throw Fault(offset: open.offset, problem: .openBrace)
            case ("}", let open?):
                guard let placeholder = MessagePlaceholder(name: open.text) else {
                    throw Fault(offset: open.offset, problem: .unknownPlaceholder(open.text))
                }
                pieces.append(.value(placeholder))
                name = nil
            case ("}", nil): throw Fault(offset: offset, problem: .strayBrace)
            case (_, let open?):
                name = (open.text + String(scalar), open.offset)
            default: plain.unicodeScalars.append(scalar)
            }
        }
        if let name { throw Fault(offset: name.offset, problem: .openBrace) }
        if !plain.isEmpty { pieces.append(.text(plain)) }
        guard !pieces.isEmpty else { throw Fault(offset: 0, problem: .empty) }
        self.pieces = pieces
    }

    /// The placeholders that occur, in the order of the text, repetitions included.
    package var placeholders: [MessagePlaceholder] {
        pieces.compactMap { if case .value(let placeholder) = $0 { placeholder } else { nil } }
    }

    /// The most UTF-16 units that a message can have; nil where a placeholder has no length.
    package func worstCase(_ length: (MessagePlaceholder) -> Int?) -> Int? {
        var units = 0
        for piece in pieces {
            switch piece {
            case .text(let text): units += text.utf16.count
            case .value(let placeholder):
                guard let length = length(placeholder) else { return nil }
                units += length
            }
        }
        return units
    }

    /// The message with what `value` gives for each placeholder; nil where an essential one is missing.
    func rendered(_ value: (MessagePlaceholder) -> String?) -> String? {
        var message = ""
        for piece in pieces {
            switch piece {
            case .text(let text): message += text
            case .value(let placeholder):
                let value = value(placeholder)
                if value == nil, placeholder.isEssential { return nil }
                message += value ?? ""
            }
        }
        return message
    }
}

/// The texts of one language, and how values look in it.
package struct MessageLanguage: Sendable {
    /// A message's worst case must fit here: one part in UCS-2, into which one foreign character puts a text.
    package static let limit = MessageEncoding.ucs2.single

    /// BCP 47, such as `zh-Hant-TW`.
    package var tag: String
    package var company = ""
    package var dates = MessageDateStyle.numeric
    /// The most UTF-16 units of each value; longer ones are cut.
    package var lengths: [MessagePlaceholder: Int] = [:]
    /// What drivers' reasons are called towards people.
    package var reasons: [String: String] = [:]
    package var texts: [MessageKind: MessageTemplate] = [:]

    package init(tag: String) { self.tag = tag }

    /// The most UTF-16 units of a value; nil where neither its form nor the file says it. The company has one name.
    package func length(of placeholder: MessagePlaceholder) -> Int? {
        if placeholder == .company { return company.utf16.count }
        return placeholder.fixedLength(dates) ?? lengths[placeholder]
    }
}
