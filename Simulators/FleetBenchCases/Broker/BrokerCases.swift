/// The whole process, with a real broker.
enum BrokerCases {
    static let all: [BenchCase] = [
        BenchCase(name: "broker/qos1", help: "mosquitto to a null C subscriber and to the processor, QoS 1, in turn") {
            (size) throws(BenchError) in try BrokerThroughput(qos: 1, size: size).rows()
        },
        BenchCase(name: "broker/qos0", help: "the same at QoS 0, and how many messages the broker dropped") {
            (size) throws(BenchError) in try BrokerThroughput(qos: 0, size: size).rows()
        },
        BenchCase(name: "broker/latency", help: "report to geofence event, and the broker's own round trip") {
            (size) throws(BenchError) in try BrokerLatency(size: size).rows()
        },
    ]
}
