import BuildProgress
import LinuxSystem

/// The pipes that a step writes to, read on threads of their own into the progress of its vertex.
struct StepOutput: Sendable {
    private let output: SharedPipe
    private let errorOutput: SharedPipe
    /// `/dev/stdout` and `/dev/stderr` of a step that has no `/proc` to find its own descriptors in.
    private let devices: OutputDevices?

    /// Makes both pipes.
    init(_ devices: OutputDevices? = nil) throws(SystemError) {
        output = try SharedPipe()
        errorOutput = try SharedPipe()
        self.devices = devices
    }

    /// Runs `body` with the descriptors for the step's standard output and error, and returns when the step and all
    /// that it started have closed them.
    func forward<Result: Sendable>(
        to progress: VertexProgress,
        _ body: @Sendable (Int32, Int32) async throws -> Result
    ) async throws -> Result {
        async let first: Void = Self.read(output, .output, progress)
        async let second: Void = Self.read(errorOutput, .error, progress)
        async let third: Void = Self.read(devices?.output, .output, progress)
        async let fourth: Void = Self.read(devices?.errorOutput, .error, progress)
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await body(output.writeEnd, errorOutput.writeEnd))
        } catch {
            result = .failure(error)
        }
        output.closeWriteEnd()
        errorOutput.closeWriteEnd()
        devices?.output.closeWriteEnd()
        devices?.errorOutput.closeWriteEnd()
        _ = try await (first, second, third, fourth)
        return try result.get()
    }

    private static func read(
        _ pipe: SharedPipe?,
        _ stream: ProgressEvent.LogStream,
        _ progress: VertexProgress
    ) async throws {
        guard let pipe else { return }
        try await BlockingThread.run("step output") { _ in
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let count = try buffer.withUnsafeMutableBytes { try pipe.read(into: $0) }
                if count == 0 { return }
                progress.log(Array(buffer[..<count]), to: stream)
            }
        }
    }
}

/// The fifos that stand for a step's output in its `/dev`.
struct OutputDevices: Sendable {
    let output: SharedPipe
    let errorOutput: SharedPipe
}
