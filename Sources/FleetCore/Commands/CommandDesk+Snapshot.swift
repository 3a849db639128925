import Wire

extension CommandDesk {
    func write(to writer: inout ByteWriter) {
        writer.write(nextSerial)
        writer.write(optional: swept_ms == Int64.min ? nil : swept_ms) { $0.write($1) }
        writer.write(UInt32(open.count))
        for command in open.values.sorted(by: { $0.serial < $1.serial }) { command.write(to: &writer) }
        writer.write(UInt32(closed.count))
        for command in closed { command.write(to: &writer) }
        writer.write(UInt32(sightings.count))
        for (vehicle, sighting) in sightings.sorted(by: { $0.key < $1.key }) {
            writer.write(vehicle)
            sighting.write(to: &writer)
        }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        nextSerial = try reader.smallCount()
        swept_ms = try reader.optional { reader throws(SnapshotError) in try reader.time_ms() } ?? Int64.min
        var serial: Int64 = -1
        for _ in 0..<(try reader.count()) {
            let command = try OpenCommand(from: &reader)
            guard command.serial > serial, command.serial < nextSerial, open[command.id] == nil else {
                throw SnapshotError(reason: "open commands are not in their order")
            }
            serial = command.serial
            open[command.id] = command
            ofVehicle[command.request.vehicle, default: []].append(command.id)
        }
        for _ in 0..<(try reader.count()) {
            let command = try ClosedCommand(from: &reader)
            guard open[command.id] == nil, closedByID.updateValue(command, forKey: command.id) == nil else {
                throw SnapshotError(reason: "a command is open and closed")
            }
            closed.append(command)
        }
        guard closed.count <= Self.closedMax else { throw SnapshotError(reason: "too many closed commands") }
        for _ in 0..<(try reader.count()) {
            let vehicle = try reader.dispatchID()
            guard sightings.updateValue(try VehicleSighting(from: &reader), forKey: vehicle) == nil else {
                throw SnapshotError(reason: "a vehicle is seen twice")
            }
        }
    }
}
