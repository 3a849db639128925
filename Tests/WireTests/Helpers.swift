import Wire

// `#expect` captures its operands, which a span cannot be: these take what can.

func parseJSON(_ text: String) throws(JSONError) -> JSONNode {
    try JSONNode.parse(Array(text.utf8).span)
}

func parseJSON(_ bytes: [UInt8]) throws(JSONError) -> JSONNode {
    try JSONNode.parse(bytes.span)
}

func parseTime(_ text: String) -> Int64? {
    RFC3339.parse(Array(text.utf8).span)
}

func hash(_ bytes: [UInt8]) -> (Hash128, UInt64) {
    (Hash128(bytes.span), stableHash64(bytes.span))
}

/// What `write` appends, as text.
func written(_ write: (inout [UInt8]) -> Void) -> String {
    var bytes: [UInt8] = []
    write(&bytes)
    return String(decoding: bytes, as: UTF8.self)
}
