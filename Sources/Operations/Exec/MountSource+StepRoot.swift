import Sandbox
import Storage

extension MountSource {
    /// The tree of an active snapshot.
    init(_ root: StepRoot) {
        switch root {
        case .directory(let path): self = .path(path)
        case .overlay(let overlay):
            self = .overlay(
                OverlayLayers(
                    lower: overlay.lower,
                    upper: overlay.upper,
                    work: overlay.work,
                    userxattr: overlay.userxattr,
                    volatile: overlay.volatile
                )
            )
        }
    }
}
