/// Deliveries through the whole process.
enum DispatchCases {
    static let all: [BenchCase] = [
        BenchCase(
            name: "dispatch/latency", help: "driver's word to status, fix to ETA: as events and as states, under load"
        ) { (size) throws(BenchError) in try DispatchLatency(size: size).rows() }
    ]
}
