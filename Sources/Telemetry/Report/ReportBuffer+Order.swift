extension ReportBuffer {
    /// Brings the reports into the order of their times; those of one time stay in the payload's order. O(n) where they
    /// are in order already.
    package mutating func sortByTime() {
        for index in reports.indices.dropFirst() where reports[index - 1].time_ms > reports[index].time_ms {
            // The standard library's sort is stable.
            reports.sort { $0.time_ms < $1.time_ms }
            return
        }
    }
}
