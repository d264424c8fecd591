import Glibc
import LinuxSystem
import Testing

@testable import Commands

struct DoctorTests {
    private let survey = IsolationSurvey(entries: [
        .init(rung: .range, refusal: .refused(.userMap, code: EPERM, cause: .appArmor), overlay: nil),
        .init(rung: .single, refusal: .refused(.privateMounts, code: EACCES, cause: .appArmor), overlay: nil),
        .init(rung: .container, refusal: .notRoot, overlay: nil),
    ])

    @Test func whatBarsEachRungIsTold() {
        let isolation = DoctorReport.Isolation(survey)
        #expect(isolation.rung == 0)
        #expect(isolation.barred.map(\.mode) == ["userns", "single", "chroot"])
        #expect(isolation.barred.map(\.rung) == [1, 2, 3])
        #expect(isolation.barred[0].reason.contains("kernel.apparmor_restrict_unprivileged_userns"))
        #expect(isolation.barred[0].remedy?.contains("AppArmor profile") == true)
        #expect(isolation.barred[2].remedy == nil)
        #expect(isolation.appArmorProfile?.contains("userns,") == true)
    }

    @Test func theReportAsTextHasTheProfileAndHowToLoadIt() {
        let report = DoctorReport(
            system: .init(version: "1", kernel: "6.8", architecture: "x86_64", uid: 1000, ids: 1 << 32 - 1),
            isolation: DoctorReport.Isolation(survey),
            cache: .init(directory: "/c", fileSystem: "overlay", overlay: false, overlayProblem: "why", remedy: "r"),
            platforms: [
                .init(name: "linux/amd64", way: .native), .init(name: "linux/arm64", way: .no, remedy: "install it"),
            ],
            controlGroups: "unified",
            programs: [.init(name: "git", path: nil, use: "Git")]
        )
        let lines = DoctorText(report).text.split(separator: "\n").map(String.init)
        #expect(lines[0] == "swbuild 1, Linux 6.8 x86_64, as user 1000")
        #expect(lines.contains("Isolation: rung 0, none: only what needs no RUN can be built"))
        #expect(lines.contains { $0.contains("apparmor_parser -r /etc/apparmor.d/swbuild") })
        #expect(lines.contains("      userns,"))
        #expect(lines.contains("  overlay: no, why"))
        #expect(lines.contains("  remedy: r"))
        #expect(lines.contains("  native: linux/amd64") && lines.contains("  not: linux/arm64"))
        #expect(lines.contains("    remedy: install it"))
        #expect(lines.contains("  git: missing; needed for Git"))
    }

    @Test func theProfileNamesTheProgram() {
        let text = AppArmorProfile.text(program: "/opt/my tools/swbuild")
        #expect(text.contains("profile swbuild \"/opt/my tools/swbuild\" flags=(unconfined) {\n  userns,\n"))
    }

    @Test func withTheBestRungNothingIsBarred() {
        let isolation = DoctorReport.Isolation(
            IsolationSurvey(entries: [.init(rung: .range, refusal: nil, overlay: nil)])
        )
        #expect(isolation.rung == 1)
        #expect(isolation.barred.isEmpty && isolation.appArmorProfile == nil)
        // What the kernel lets nobody make but root of the machine.
        #expect(isolation.givesUp.first?.contains("device files") == true)
    }
}
