/// The HTTP window beside the engine.
enum WindowCases {
    static let all: [BenchCase] = [
        BenchCase(
            name: "window/load",
            help: "report to event at 20,000 messages/s, without and with 1,000 slow readers and 100 viewers"
        ) { (size) throws(BenchError) in try WindowLoad(size: size).rows() }
    ]
}
