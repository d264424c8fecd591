import FoundationEssentials
import LinuxSystem

/// The devices that this machine describes for containers.
struct DeviceCatalog {
    /// Where the files are; those of the last directory win.
    static let directories: [Path] = ["/etc/cdi", "/var/run/cdi"]

    /// The annotation by which a device is found too, as BuildKit names it.
    private static let classAnnotation = "org.mobyproject.buildkit.device.class"
    private static let sizeLimit = 8 << 20

    private typealias Edits = DeviceSpecification.Edits

    private struct Entry {
        var kind: String
        var device: DeviceSpecification.Device
        var common: DeviceSpecification.Edits?
        var classes: [String]
    }

    /// By full name, in the order of the files.
    private var entries: [(name: String, entry: Entry)] = []
    /// Files that are not JSON.
    private var unread: [Path] = []

    /// Reads the files of the directories that there are.
    init(_ directories: [Path] = DeviceCatalog.directories) throws {
        for path in directories {
            guard let directory = try? Directory.open(path) else { continue }
            for name in try directory.entries().map(\.name.string).sorted() {
                let file = path.appending(name)
                if name.hasSuffix(".json") { try add(file, directory.readFile(Path(name), limit: Self.sizeLimit)) }
                if name.hasSuffix(".yaml") || name.hasSuffix(".yml") { unread.append(file) }
            }
        }
    }

    private mutating func add(_ file: Path, _ bytes: [UInt8]) throws {
        let specification: DeviceSpecification
        do {
            specification = try JSONDecoder().decode(DeviceSpecification.self, from: Data(bytes))
        } catch {
            throw OperationError.deviceSpecification(
                path: file.string,
                reason: "it is no description of devices in JSON"
            )
        }
        for device in specification.devices {
            let name = "\(specification.kind)=\(device.name)"
            let classes = [device.annotations, specification.annotations].compactMap { $0?[Self.classAnnotation] }
            entries.removeAll { $0.name == name }
            let common = specification.containerEdits
            entries.append((name, Entry(kind: specification.kind, device: device, common: common, classes: classes)))
        }
    }

    /// What the devices give that a name stands for; empty where there are none (spec/01 §1.9).
    ///
    /// `vendor/class` is the first one of a kind, `vendor/class=name` one,
    /// `vendor/class=*` all, and another word the class of an annotation.
    func edits(_ name: String) -> [DeviceSpecification.Edits] {
        matches(name).flatMap { [$0.common ?? Edits(), $0.device.containerEdits ?? Edits()] }
    }

    /// That there is no such device.
    func missing(_ name: String) -> OperationError {
        .deviceMissing(name, unread: unread.first?.string)
    }

    private func matches(_ name: String) -> [Entry] {
        if name.hasSuffix("=*") { return entries.map(\.entry).filter { "\($0.kind)=*" == name } }
        if let exact = entries.first(where: { $0.name == name })?.entry { return [exact] }
        if let first = entries.map(\.entry).first(where: { $0.kind == name }) { return [first] }
        return entries.map(\.entry).filter { $0.classes.contains(name) }
    }
}
