import LinuxSystem
import Testing

@testable import Storage

struct ForecastsTests {
    @Test func areReplacedAndBounded() async throws {
        try await withCache { cache throws in
            let forecasts = cache.forecasts
            #expect(forecasts.lines("00") == [])
            for number in 0..<Forecasts.limit + 10 { forecasts.keep(["image:\(number)", "other"], for: "\(number)") }
            forecasts.keep(["image:2"], for: "1009")
            #expect(forecasts.lines("1009") == ["image:2"])
            let count = try cache.directory.openDirectory(Forecasts.name).entries().count
            #expect(count == Forecasts.limit)
        }
    }

    @Test func canBeReadBeforeTheCacheIsOpen() async throws {
        try await withTemporaryRoot { path throws in
            #expect(Forecasts(below: path.appending("none")) == nil)
            do {
                let cache = try CacheDirectory.open(path, userxattr: false)
                cache.forecasts.keep(["a b"], for: "0f")
            }
            #expect(Forecasts(below: path)?.lines("0f") == ["a b"])
        }
    }

    @Test func linksAreNotFollowed() async throws {
        try await withCache { cache throws in
            try cache.directory.writeFile("secret", Array("a line".utf8))
            let directory = try cache.directory.openDirectory(Forecasts.name)
            try directory.symlink(target: "../secret", at: "ab")
            #expect(cache.forecasts.lines("ab") == [])
        }
    }
}
