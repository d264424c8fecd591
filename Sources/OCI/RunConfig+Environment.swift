extension ImageConfig.RunConfig {
    /// Sets a variable: in its place if it is there, else at the end.
    package mutating func setEnvironment(name: String, value: String) {
        let entry = "\(name)=\(value)"
        if let position = env.firstIndex(where: { variableName($0) == name }) {
            env[position] = entry
        } else {
            env.append(entry)
        }
    }

    /// Returns the value of a variable, `nil` if it is not set.
    package func environmentValue(_ name: String) -> String? {
        guard let entry = env.last(where: { variableName($0) == name }) else { return nil }
        let value = entry.utf8.drop { $0 != UInt8(ascii: "=") }.dropFirst()
        return String(Substring(value))
    }
}

extension ImageConfig {
    /// Sets a variable of `config`: in its place if it is there, else at the end.
    package mutating func setEnvironment(name: String, value: String) {
        config.setEnvironment(name: name, value: value)
    }

    /// Returns the value of a variable of `config`, `nil` if it is not set.
    package func environmentValue(_ name: String) -> String? { config.environmentValue(name) }
}

private func variableName(_ entry: String) -> Substring {
    Substring(entry.utf8.prefix { $0 != UInt8(ascii: "=") })
}
