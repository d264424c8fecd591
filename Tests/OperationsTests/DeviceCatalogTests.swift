import BuildGraph
import LinuxSystem
import Sandbox
import Testing

@testable import Operations

struct DeviceCatalogTests {
    private static let first = """
        {"cdiVersion": "0.6.0", "kind": "vendor.com/gpu", "containerEdits": {"env": ["ALL=1"]}, "devices": [
            {"name": "zero", "containerEdits": {"deviceNodes": [{"path": "/dev/gpu0", "hostPath": "/dev/zero"}]}},
            {"name": "full", "annotations": {"org.mobyproject.buildkit.device.class": "odd"}, "containerEdits":
                {"env": ["FULL=1"], "additionalGids": [44], "deviceNodes": [{"path": "/dev/full"}],
                 "mounts": [{"hostPath": "/etc", "containerPath": "/opt/etc", "options": ["ro", "nosuid"]}],
                 "hooks": [{"hookName": "createContainer", "path": "/usr/bin/hook"}]}}]}
        """

    private func devices(
        _ names: String...,
        optional: Bool = false,
        files: [String: String] = [:]
    ) throws -> StepDevices {
        try Trees.with { trees in
            let path = try trees.source.directory.currentPath()
            try trees.fill(["gpu.json": Self.first, "later/none": ""])
            try trees.fill(files)
            let requests = names.map { DeviceRequest(name: $0, optional: optional) }
            return try StepDevices(requests, directories: [path, path.appending("later"), "/nonexistent"])
        }
    }

    @Test(arguments: [
        ("vendor.com/gpu", ["/dev/gpu0"]), ("vendor.com/gpu=full", ["/dev/full", "/opt/etc"]),
        ("vendor.com/gpu=*", ["/dev/gpu0", "/dev/full", "/opt/etc"]), ("odd", ["/dev/full", "/opt/etc"]),
    ])
    func namesStandForDevices(name: String, targets: [Path]) throws {
        #expect(try devices(name).mounts.map(\.target) == targets)
    }

    @Test func aDeviceBringsItsEditsAndThoseOfItsFile() throws {
        let found = try devices("vendor.com/gpu=full")
        #expect(found.environment == ["ALL=1", "FULL=1"])
        #expect(found.groups == [44])
        #expect(found.mounts[0].content == .device("/dev/full"))
        #expect(found.mounts[1].readOnly)
        #expect(found.omissions == ["device vendor.com/gpu=full: the hook `/usr/bin/hook` is not run"])
    }

    @Test func missingDevicesAreAnErrorUnlessOptional() throws {
        #expect(throws: OperationError.deviceMissing("vendor.com/other", unread: nil)) {
            try devices("vendor.com/other")
        }
        #expect(try devices("vendor.com/other", "vendor.com/gpu", optional: true).mounts.count == 1)
        let error = #expect(throws: OperationError.self) {
            try devices("nvidia.com/gpu", files: ["nvidia.yaml": "kind: x"])
        }
        #expect(error?.hint?.contains("nvidia.yaml` is not read: write it in JSON") == true)
    }

    @Test func aLaterDirectoryWins() throws {
        let other = #"{"kind":"vendor.com/gpu","devices":[{"name":"zero","containerEdits":{"env":["LATER=1"]}}]}"#
        #expect(try devices("vendor.com/gpu=zero", files: ["later/a.json": other]).environment == ["LATER=1"])
    }

    @Test(arguments: [
        #"{"kind":"v/c","devices":[{"name":"x","containerEdits":{"deviceNodes":[{"path":"/dev/x","hostPath":"/etc/passwd"}]}}]}"#,
        #"{"kind":"v/c","devices":[{"name":"x","containerEdits":{"deviceNodes":[{"path":"dev/x","hostPath":"/dev/null"}]}}]}"#,
        #"{"kind":"v/c","devices":[{"name":"x","containerEdits":{"mounts":[{"hostPath":"/etc","containerPath":"//"}]}}]}"#,
        "not json", #"{"devices":[]}"#,
    ])
    func wrongDescriptionsAreRefused(text: String) throws {
        #expect(throws: OperationError.self) { try devices("v/c=x", files: ["bad.json": text]) }
    }
}
