import LinuxSystem
import Testing

@testable import Commands

struct IsolationChoiceTests {
    @Test(arguments: [
        ([], nil, IsolationMode.auto),
        (["."], "single", .single),
        (["--isolation", "userns", "."], "single", .userns),
        (["--isolation=userns", "--isolation=chroot", "."], nil, .chroot),
        (["--isolation", "default"], "single", .auto),
        (["--", "--isolation=single"], nil, .auto),
        (["--isolation"], nil, .auto),
        (["--isolation=jail"], nil, .auto),
        (["."], "", .auto),
    ])
    func theModeIsFoundInRawArguments(_ arguments: [String], _ variable: String?, _ mode: IsolationMode) {
        let found = IsolationChoice.mode(arguments: arguments) { $0 == "SWBUILD_ISOLATION" ? variable : nil }
        #expect(found == mode)
    }

    @Test func whatDoesNotExistIsRefusedWithTheModes() throws {
        let error = OptionError.invalidValue(
            option: "--isolation",
            value: "jail",
            reason: "the modes are auto, userns, single, chroot"
        )
        #expect(throws: error) { try BuildCommand.parse(["--isolation=jail", "."]).request(environment: [:]) }
        let variable = try #require(
            #expect(throws: OptionError.self) {
                try BuildCommand.parse(["."]).request(environment: ["SWBUILD_ISOLATION": "jail"])
            }
        )
        #expect("\(variable)".contains("`SWBUILD_ISOLATION`"))
    }
}
