/// One line of a screen, built from pieces with a tone each, never wider than the screen.
struct ScreenLine: Sendable, Equatable {
    /// What a piece is, from which its colour follows.
    enum Tone: Sendable, Equatable {
        case normal, faint, title, figure, good, notice, trouble

        /// Select Graphic Rendition parameters (ECMA-48, 8.3.117); nil for none. Colours of the terminal's own palette, so
        /// that they suit light and dark ones.
        fileprivate var parameters: String? {
            switch self {
            case .normal: nil
            case .faint: "2"
            case .title: "1"
            case .figure: "1"
            case .good: "32"
            case .notice: "36"
            case .trouble: "1;31"
            }
        }
    }

    private let width: Int
    private var pieces: [(text: String, tone: Tone)] = []
    /// Columns in use, at most the width.
    private(set) var columns = 0

    init(width: Int) {
        self.width = width
    }

    /// The line with a text more, cut to the columns that are left, made harmless.
    func adding(_ text: String, _ tone: Tone = .normal) -> ScreenLine {
        var line = self
        let fitting = DisplayWidth.truncated(text, to: width - columns)
        guard !fitting.isEmpty else { return line }
        line.pieces.append((fitting, tone))
        line.columns += DisplayWidth.columns(of: fitting)
        return line
    }

    func rendered(_ style: DemoScreen.Style) -> String {
        pieces.map { piece in
            guard style == .colour, let parameters = piece.tone.parameters else { return piece.text }
            return "\u{1B}[\(parameters)m\(piece.text)\u{1B}[0m"
        }.joined()
    }

    static func == (a: ScreenLine, b: ScreenLine) -> Bool {
        a.width == b.width && a.pieces.elementsEqual(b.pieces) { $0.text == $1.text && $0.tone == $1.tone }
    }
}
