import BuildGraph
import BuildProgress
import OCI

/// Evaluates vertices of a graph: inputs first, each at most once, independent ones at the same time.
///
/// The key of a vertex is computed before it runs. Where there is a stored result, inputs that count by their key alone
/// are never evaluated. Two vertices that turn out to have the same key run once.
package struct Solver<Runner: OperationRunner, Store: ResultStore>: Sendable where Runner.Output == Store.Output {
    /// What a vertex results in.
    package typealias Output = Runner.Output

    private let graph: Graph
    private let runner: Runner
    private let store: Store
    private let progress: any ProgressSink
    private let observer: (any SolveObserver)?
    private let parallelism: Int

    /// A solver that runs up to `parallelism` operations at once; four where nothing is said.
    package init(
        graph: Graph,
        runner: Runner,
        store: Store,
        progress: any ProgressSink = SilentProgress(),
        observer: (any SolveObserver)? = nil,
        parallelism: Int = 4
    ) {
        self.graph = graph
        self.runner = runner
        self.store = store
        self.progress = progress
        self.observer = observer
        self.parallelism = parallelism
    }

    /// Returns the results of `targets`, in their order.
    ///
    /// Throws the first failure, as a `VertexFailure`, after all else has been cancelled and has ended; a
    /// `CancellationError` where the task is cancelled.
    package func solve(_ targets: [Digest]) async throws -> [Output] {
        for target in targets where graph[target] == nil {
            throw SolverError.unknownTarget(target)
        }
        let part = graph.reachable(from: targets)
        for vertex in part.order.compactMap({ part[$0] }) {
            reporter(of: vertex).announce(inputs: vertex.inputs.compactMap(\.vertex))
        }
        let scheduler = Scheduler<Output>(
            graph: part,
            parallelism: parallelism,
            asksForIdentity: runner.asksForIdentity(of:),
            inputKeyKind: runner.inputKeyKind(of:input:),
            recall: store.recallsContents ? { store.recalledContent(of: $0, input: $1, key: $2) } : nil
        )
        for target in targets.reversed() {
            scheduler.wantOutput(of: target)
        }
        try await evaluate(scheduler)
        return targets.compactMap { scheduler.output(of: $0) }
    }

    private typealias Finished = (step: Step<Output>, result: StepResult<Output>)

    private func evaluate(_ scheduler: Scheduler<Output>) async throws {
        var choice = FailureChoice()
        await withTaskGroup(of: Finished.self) { group in
            start(scheduler, &choice, in: &group)
            while let (step, result) = await group.next() {
                let rank = scheduler.rank(of: step.vertex.id)
                choice.end(step.phase, rank: rank)
                if case .failure(let phase, let error) = result {
                    let failure = FailureChoice.Failure(vertex: step.vertex, rank: rank, phase: phase, error: error)
                    choice.add(failure).map(reportCancelled)
                } else {
                    scheduler.receive(result, for: step.vertex.id)
                }
                report(scheduler.takeReports())
                if choice.chosen == nil {
                    start(scheduler, &choice, in: &group)
                } else if let failure = choice.decide() {
                    report(failure)
                    group.cancelAll()
                }
            }
        }
        if let failure = choice.chosen {
            throw isCancellation(failure.error)
                ? CancellationError()
                : VertexFailure(vertex: failure.vertex, phase: failure.phase, underlying: failure.error)
        }
    }

    /// Starts what can begin now.
    private func start(
        _ scheduler: Scheduler<Output>,
        _ choice: inout FailureChoice,
        in group: inout TaskGroup<Finished>
    ) {
        for step in scheduler.takeSteps() {
            choice.begin(step.phase, rank: scheduler.rank(of: step.vertex.id))
            if case .run(let vertex, _, _, _) = step {
                reporter(of: vertex).start(inputs: vertex.inputs.compactMap(\.vertex))
            }
            group.addTask {
                do {
                    try Task.checkCancellation()
                    return (step, try await perform(step))
                } catch {
                    return (step, .failure(step.phase, error))
                }
            }
        }
    }

    private func perform(_ step: Step<Output>) async throws -> StepResult<Output> {
        switch step {
        case .identity(let vertex):
            return .identity(try await runner.cacheIdentity(of: vertex, progress: reporter(of: vertex)))
        case .content(let vertex, let input, let output):
            return .content(input: input, try await runner.contentDigest(of: output, for: vertex, input: input))
        case .lookup(_, let key):
            return .lookup(try await store.lookup(key))
        case .run(let vertex, let key, let inputs, let contents):
            return try await run(vertex, key, inputs, contents)
        }
    }

    /// Runs a step, unless another process has done so since it was looked up.
    private func run(
        _ vertex: Vertex,
        _ key: CacheKey?,
        _ inputs: [Output?],
        _ contents: [InputContent]
    ) async throws -> StepResult<Output> {
        guard let key else {
            return .run(StoredResult(try await runner.run(vertex, inputs: inputs, progress: reporter(of: vertex))))
        }
        // What must not be found need not be waited for.
        let reservation = vertex.ignoreCache ? nil : try await store.reserve(key)
        defer { withExtendedLifetime(reservation) {} }
        if reservation != nil, let found = try await store.lookup(key) { return .found(found) }
        let output = try await runner.run(vertex, inputs: inputs, progress: reporter(of: vertex))
        return .run(try await store.record(key, output, vertex: vertex, contents: contents))
    }

    private func reporter(of vertex: Vertex) -> VertexProgress {
        VertexProgress(sink: progress, vertex: vertex.id, name: vertex.name)
    }

    private func report(_ reports: [Scheduler<Output>.Report]) {
        for report in reports {
            switch report {
            case .cached(let vertex): reporter(of: vertex).cached()
            case .completed(let vertex): reporter(of: vertex).complete()
            case .keyed(let vertex, let parts): observer?.keyed(vertex, parts)
            }
        }
    }

    private func report(_ failure: FailureChoice.Failure) {
        if isCancellation(failure.error) {
            reportCancelled(failure)
        } else {
            reporter(of: failure.vertex).fail("\(failure.error)")
        }
    }

    /// Whatever fails beside the build's failure was cancelled, whatever it says itself.
    private func reportCancelled(_ failure: FailureChoice.Failure) {
        if failure.phase == .run || failure.phase == .identity {
            reporter(of: failure.vertex).cancel()
        }
    }

    private func isCancellation(_ error: any Error) -> Bool {
        error is CancellationError || Task.isCancelled
    }
}
