import Testing

@testable import DockerfileParser

@Suite struct MountOptionsTests {
    @Test(arguments: [
        ("target=/a", MountOptions(target: "/a")),
        ("", nil), ("type=bind", MountOptions()),
        ("type=bind,from=x,source=/s,target=t", MountOptions(from: "x", source: "/s", target: "t")),
        ("src=s,dst=t", MountOptions(source: "s", target: "t")), ("destination=t", MountOptions(target: "t")),
        ("target=t,rw", MountOptions(target: "t", readOnly: false)),
        ("target=t,readwrite", MountOptions(target: "t", readOnly: false)),
        ("target=t,rw=false", MountOptions(target: "t")), ("target=t,ro=0", MountOptions(target: "t", readOnly: false)),
        ("target=t,ro=T", MountOptions(target: "t")), ("TARGET=t,RO", MountOptions(target: "t")),
        ("target=t,target=u", MountOptions(target: "u")), ("target=a=b", MountOptions(target: "a=b")),
        ("\"target=a,b\"", MountOptions(target: "a,b")), ("target=", MountOptions()),
        ("\"target=a\"\"b\",rw", MountOptions(target: "a\"b", readOnly: false)),
        ("type=cache,target=/c", MountOptions(kind: .cache, target: "/c", readOnly: false)),
        ("type=CACHE,target=/c,ro", MountOptions(kind: .cache, target: "/c")),
        (
            "type=cache,target=/c,id=i,sharing=locked,mode=0700,uid=1,gid=2,from=f,source=/s",
            MountOptions(
                kind: .cache,
                from: "f",
                source: "/s",
                target: "/c",
                id: "i",
                readOnly: false,
                sharing: .locked,
                mode: 0o700,
                uid: 1,
                gid: 2
            )
        ),
        ("type=cache,sharing=PRIVATE", MountOptions(kind: .cache, readOnly: false, sharing: .private)),
        (
            "type=tmpfs,target=/t,size=1.5g",
            MountOptions(kind: .tmpfs, target: "/t", readOnly: false, size: 1_610_612_736)
        ),
        ("type=tmpfs,size=0", MountOptions(kind: .tmpfs, readOnly: false)),
        ("type=secret,id=s", MountOptions(kind: .secret, id: "s")),
        ("type=secret,src=s,required", MountOptions(kind: .secret, source: "s", required: true)),
        (
            "type=secret,target=/s,env=E,mode=0440",
            MountOptions(kind: .secret, target: "/s", mode: 0o440, environmentName: "E")
        ),
        ("type=secret,id=s,required=false", MountOptions(kind: .secret, id: "s")),
        ("type=ssh", MountOptions(kind: .ssh)),
        ("type=ssh,id=k,required=true,uid=1000", MountOptions(kind: .ssh, id: "k", required: true, uid: 1000)),
    ]) func parses(_ text: String, _ expected: MountOptions?) throws {
        guard let expected else {
            #expect(throws: ParseError.self) { try MountOptions(parsing: text) }
            return
        }
        #expect(try MountOptions(parsing: text) == expected)
    }

    @Test(arguments: [
        ("type=foo", "unsupported mount type \"foo\""),
        ("type=cahce", "unsupported mount type \"cahce\" (did you mean cache?)"),
        ("type=$x", "unsupported mount type \"$x\""),
        ("foo=bar", "unexpected key 'foo' in 'foo=bar' (did you mean from?)"),
        ("tagret=/x", "unexpected key 'tagret' in 'tagret=/x' (did you mean target?)"),
        ("sorce=x", "unexpected key 'sorce' in 'sorce=x' (did you mean source?)"),
        ("FOO=Bar", "unexpected key 'foo' in 'FOO=Bar' (did you mean from?)"),
        ("target", "invalid field 'target' must be a key=value pair"),
        ("target=/x,", "invalid field '' must be a key=value pair"),
        ("type=tmpfs,size=x", "invalid value for size: x"),
        ("size=1,type=tmpfs", "unexpected key 'size' for mount type 'bind'"),
        ("required", "unexpected key 'required' for mount type 'bind'"),
        ("required=true,type=secret", "unexpected key 'required' for mount type 'bind'"),
        ("type=cache,required", "unexpected key 'required' for mount type 'cache'"),
        ("type=secret,required=maybe", "invalid value for required: maybe"),
        ("ro=maybe", "invalid value for ro: maybe"),
        ("rw=2", "invalid value for rw: 2"), ("type=cache,mode=9", "invalid value 9 for mode"),
        ("type=cache,mode=", "invalid value  for mode"),
        ("type=cache,uid=-1", "invalid value -1 for uid"),
        ("type=cache,gid=4294967296", "invalid value 4294967296 for gid"),
        ("type=cache,sharing=all", "unsupported sharing value \"all\""),
        ("type=cache,sharing=lokced", "unsupported sharing value \"lokced\" (did you mean locked?)"),
        ("mode=0755", "mode not allowed for \"bind\" type mounts"),
        ("uid=1", "uid not allowed for \"bind\" type mounts"),
        ("type=tmpfs,gid=1", "gid not allowed for \"tmpfs\" type mounts"),
        ("sharing=locked", "invalid cache sharing set for bind mount"),
        ("type=ssh,sharing=locked", "invalid cache sharing set for ssh mount"),
        ("type=secret,id=a,from=b", "secret mount should not have a from"),
        ("type=secret", "invalid secret mount. one of source, target required"),
        ("type=secret,id=a,source=b", "both source and id can't be set"),
        ("type=secret,id=a,sharing=shared", "secret mount should not define sharing"),
        (
            "\"target=a",
            "failed to parse csv mounts: parse error on line 1, column 10: extraneous or missing \" in quoted-field"
        ),
        ("a\"b=c", "failed to parse csv mounts: parse error on line 1, column 2: bare \" in non-quoted-field"),
        (
            "\"a\"b",
            "failed to parse csv mounts: parse error on line 1, column 3: extraneous or missing \" in quoted-field"
        ),
    ]) func refuses(_ text: String, _ message: String) {
        let error = #expect(throws: ParseError.self) { try MountOptions(parsing: text) }
        #expect(error?.description == message)
    }

    @Test func expandsValuesButNotKeys() throws {
        let mount = try MountOptions(parsing: "type=cache,id=$x,target=/$x") { value in
            try WordExpander().expand(value, environment: ["x": "1,ro"]).text
        }
        #expect(mount == MountOptions(kind: .cache, target: "/1,ro", id: "1,ro", readOnly: false))
    }

    @Test(arguments: ["from=$x", "from=a$x,target=/b", "FROM=${x}"]) func refusesVariablesInFrom(_ text: String) {
        let error = #expect(throws: ParseError.self) { try MountOptions.check(text) }
        #expect(error?.message == "'from' doesn't support variable expansion, define alias stage instead")
    }

    @Test func letsADollarAtTheEndOfFromPass() throws {
        try MountOptions.check("from=a$,target=$x")
    }
}
