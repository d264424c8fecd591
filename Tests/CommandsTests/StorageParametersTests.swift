import LinuxSystem
import Operations
import Storage
import Testing

@testable import Commands

struct StorageParametersTests {
    private func parameters(_ arguments: [String], _ environment: [String: String] = [:]) throws -> StorageParameters {
        try BuildCommand.parse(arguments + ["."]).storageParameters(environment)
    }

    @Test(arguments: [
        ("20GB", SpaceLimit.bytes(20 << 30)), ("500m", .bytes(500 << 20)), ("50%", .percent(50)),
        ("0.5%", .percent(0.5)),
    ])
    func theLimitComesFromTheOptionElseFromTheEnvironment(_ text: String, _ limit: SpaceLimit) throws {
        #expect(try parameters(["--cache-max-size", text]).limit == limit)
        #expect(try parameters([], ["SWBUILD_CACHE_MAX_SIZE": text]).limit == limit)
        #expect(try parameters(["--cache-max-size", text], ["SWBUILD_CACHE_MAX_SIZE": "1"]).limit == limit)
        #expect(try parameters([], ["SWBUILD_CACHE_MAX_SIZE": ""]).limit == nil)
    }

    @Test(arguments: ["", "many", "-1", "0", "101%", "0%", "%"])
    func wrongLimitsAreRefused(_ text: String) {
        #expect(throws: OptionError.self) { try parameters(["--cache-max-size=\(text)"]) }
    }

    @Test func aPercentageIsOfTheWholeDisk() {
        let disk = DiskSpace(total: 2000, available: 10)
        #expect(SpaceLimit.percent(25).bytes(on: disk) == 500 && SpaceLimit.bytes(7).bytes(on: disk) == 7)
    }

    @Test func placesOfCacheMounts() throws {
        let parameters = try parameters([
            "--cache-mount-from", "go=/tmp/go.tar", "--cache-mount-from", "npm=type=registry,ref=example.com/npm",
            "--cache-mount-to", "go=type=local,dest=a=b.tgz", "--cache-mount-to", "//root/.cache=x",
        ])
        #expect(parameters.imports["go"] == .file("/tmp/go.tar"))
        #expect(parameters.imports["npm"]?.description == "example.com/npm:latest")
        #expect(parameters.exports.map(\.id) == ["go", "//root/.cache"])
        #expect(parameters.exports.map(\.place) == [.file("a=b.tgz"), .file("x")])
        #expect(throws: OptionError.self) {
            try self.parameters(["--cache-mount-from", "a=b", "--cache-mount-from", "a=c"])
        }
    }
}
