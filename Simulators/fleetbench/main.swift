import FleetBenchCases
import Glibc

/// A row at a time, so that a long run can be watched through a pipe.
func show(_ line: String) {
    print(line)
    fflush(nil)
}

func showError(_ line: String) {
    let text = Array((line + "\n").utf8)
    _ = write(STDERR_FILENO, text, text.count)
}

exit(
    BenchCommand.run(
        arguments: Array(CommandLine.arguments.dropFirst()), print: { show($0) }, printError: { showError($0) }))
