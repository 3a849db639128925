/// A run against a broker.
struct BrokerRun {
    init(_ prepared: PreparedRun) {}
    func run() throws(SimulationError) -> Int32 { throw .output("the transport is being wired") }
}
