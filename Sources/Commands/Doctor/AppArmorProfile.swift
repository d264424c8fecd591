import LinuxSystem

/// The AppArmor profile that lets one program, this one, make user namespaces (Ubuntu 23.10 and later).
enum AppArmorProfile {
    /// The profile's text for the executable of this process, as a file of `/etc/apparmor.d`.
    static var ofThisProgram: String {
        let directory = try? Directory.open("/proc/self")
        let path = (try? directory?.readLink("exe"))?.string ?? "/usr/local/bin/swbuild"
        return text(program: path)
    }

    /// The profile's text for a program.
    static func text(program: String) -> String {
        """
        abi <abi/4.0>,
        include <tunables/global>
        profile swbuild "\(program)" flags=(unconfined) {
          userns,
          include if exists <local/swbuild>
        }

        """
    }
}
