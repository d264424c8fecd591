import Glibc
import LinuxSystem

/// Opens directories that outputs go to.
enum DestinationDirectory {
    /// Opens the directory at `path`, made with mode 0700 where it is missing, its parents too.
    ///
    /// Links in the path mean what they mean to the caller.
    static func open(_ path: Path) throws(SystemError) -> Directory {
        do throws(SystemError) {
            return try Directory.open(path)
        } catch  where error.code == ENOENT {
            let parent = try path.parent.isEmpty ? Directory.open(".") : open(path.parent)
            guard let name = path.lastComponent else { throw error }
            try parent.makeDirectory(name, mode: 0o700)
            return try Directory.open(path)
        }
    }
}
