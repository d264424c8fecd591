import CLinux
import Glibc

/// Gives the calling thread a file mask of its own, which takes no bits away.
///
/// For threads that make files for others, with the mask of those.
package func leaveSharedPaths() {
    // Needs no privilege; where it is refused all the same, new files get their mode by chmod.
    if clinux_unshare_paths() == 0 { umask(0) }
}
