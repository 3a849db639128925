import BrokerHarness
import Foundation

/// A broker, a folder with one file of geofences, and a processor, for one test.
struct Stage {
    let folder: Folder
    let broker: MosquittoBroker
    let service: Fleetstream

    /// Starts all of it. `features` are those of the file `Geofences/places.geojson`.
    init(
        _ kind: MosquittoBroker.Kind = .plain, features: [String] = [Fences.yard], settings: [String] = [],
        storeFolder: String? = nil, environment: [String: String] = [:], isStarted: Bool = true
    ) throws {
        folder = try Folder()
        broker = try MosquittoBroker(kind)
        try FileManager.default.createDirectory(
            atPath: folder.file("Geofences"), withIntermediateDirectories: true)
        service = Fleetstream(
            port: broker.port, folder: folder, storeFolder: storeFolder, geofences: folder.file("Geofences"),
            settings: ["rules.state_interval_s=0"] + settings, environment: environment)
        try writeFences(features)
        if isStarted { try service.start() }
    }

    func writeFences(_ features: [String]) throws {
        try folder.write(Fences.collection(features), to: "Geofences/places.geojson")
    }
}
