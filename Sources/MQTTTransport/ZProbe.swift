package struct BrokerProbe: Sendable { package struct Result: Sendable { package var published = 0, received = 0, missing = 0; package var warnings: [String] = [] }
  package init(options: MQTTOptions) {}
  package func run() throws(MQTTError) -> Result { Result() } }
