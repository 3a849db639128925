import Wire

extension Desk {
    /// Everything but the fleet's name.
    func write(to writer: inout ByteWriter) {
        writer.write(settings.json())
        writer.write(sequence)
        records.write(to: &writer)
    }

    mutating func read(from reader: inout ByteReader) throws(SnapshotError) {
        let json = try reader.data()
        guard let read = Settings(json: json.span) else {
            throw SnapshotError(reason: "a desk's settings are not JSON")
        }
        settings = read
        sequence = try reader.smallCount()
        try records.read(from: &reader)
    }
}
