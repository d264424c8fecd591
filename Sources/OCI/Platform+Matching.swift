extension Platform {
    /// The platforms whose images run here, best first, as containerd orders them.
    package var candidates: [Platform] {
        let wanted = normalized
        switch wanted.architecture {
        case "amd64":
            return [wanted] + wanted.lowerLevels(downTo: 1) + [wanted.with("386", nil)]
        case "arm":
            return [wanted] + wanted.lowerLevels(downTo: 5)
        case "arm64":
            let arm = wanted.with("arm", "v8")
            return [wanted] + wanted.lowerMinors() + [arm] + arm.lowerLevels(downTo: 5)
        default:
            return [wanted]
        }
    }

    /// Returns how good an image for `other` is here, 0 for the very platform, `nil` if it does not run.
    package func rank(of other: Platform) -> Int? {
        let other = other.normalized
        return candidates.firstIndex { $0.accepts(other) }
    }

    /// Whether an image for `other` runs here.
    package func matches(_ other: Platform) -> Bool { rank(of: other) != nil }

    private func accepts(_ other: Platform) -> Bool {
        guard os == other.os, architecture == other.architecture, variant == other.variant else { return false }
        guard os == "windows", let wanted = osVersion, let offered = other.osVersion else { return true }
        // The first three numbers are the build; the fourth is a patch level.
        let build = wanted.split(separator: ".").prefix(3)
        return build == offered.split(separator: ".").prefix(3)
    }

    private func with(_ architecture: String, _ variant: String?) -> Platform {
        Platform(
            os: os,
            architecture: architecture,
            variant: variant,
            osVersion: osVersion,
            osFeatures: osFeatures
        ).normalized
    }

    private func lowerLevels(downTo lowest: Int) -> [Platform] {
        guard let variant, variant.hasPrefix("v"), let level = Int(variant.dropFirst()), level > lowest, level < 100
        else { return [] }
        return (lowest..<level).reversed().map { with(architecture, "v\($0)") }
    }

    /// Lists the lower minor versions of arm64: v9.x accepts v8.(x+5) and all below.
    private func lowerMinors() -> [Platform] {
        let parts = (variant ?? "v8").dropFirst().split(separator: ".", omittingEmptySubsequences: false)
        guard let major = parts.first.flatMap({ Int($0) }), major == 8 || major == 9 else { return [] }
        let minor = parts.count == 2 ? Int(parts[1]).map { min(max($0, 0), 9) } ?? 0 : 0
        var variants = (0..<minor).reversed().map { $0 == 0 ? "v\(major)" : "v\(major).\($0)" }
        if major == 9 {
            variants += (0...minor + 5).reversed().map { $0 == 0 ? "v8" : "v8.\($0)" }
        }
        return variants.map { with(architecture, $0) }
    }
}

extension Index {
    /// Returns the entries that run on a platform, best first; entries without a platform come last.
    package func manifests(matching platform: Platform) -> [Descriptor] {
        var ranked: [(rank: Int, position: Int, descriptor: Descriptor)] = []
        for (position, descriptor) in manifests.enumerated() {
            if let offered = descriptor.platform {
                guard !offered.isUnknown, let rank = platform.rank(of: offered) else { continue }
                ranked.append((rank, position, descriptor))
            } else {
                ranked.append((Int.max, position, descriptor))
            }
        }
        ranked.sort { ($0.rank, $0.position) < ($1.rank, $1.position) }
        return ranked.map(\.descriptor)
    }
}
