import CLinux
import Glibc

/// The signals that end a build, taken one by one by the main thread instead of a handler.
///
/// They are blocked when the value is made, which must be before the first thread, since threads inherit the mask.
package struct TerminationSignals: Sendable {
    /// What woke the waiting thread.
    package enum Event: Sendable {
        /// SIGINT, SIGTERM or SIGHUP.
        case terminate
        /// ``wake()`` was called, or SIGUSR1 came from outside.
        case woken
    }

    /// Blocks SIGINT, SIGTERM, SIGHUP and SIGUSR1 for this thread and all that it starts, and ignores SIGPIPE, so that a
    /// closed pipe is an error of `write`.
    package init() {
        signal(SIGPIPE, SIG_IGN)
        var set = Self.set
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Waits for the next signal.
    package func next() -> Event {
        var set = Self.set
        var number: Int32 = 0
        while sigwait(&set, &number) != 0 {}
        return number == SIGUSR1 ? .woken : .terminate
    }

    /// Makes ``next()`` return in the thread that waits.
    package func wake() {
        kill(getpid(), SIGUSR1)
    }

    private static var set: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in [SIGINT, SIGTERM, SIGUSR1] { sigaddset(&set, number) }
        if !isHangUpIgnored { sigaddset(&set, SIGHUP) }
        return set
    }

    /// Whether who started us wants builds to outlive their terminal, as `nohup` does.
    private static let isHangUpIgnored = clinux_signal_is_ignored(SIGHUP) == 1
}
