using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace BuildRunner.Git.Tests.Registration;

public sealed class OptionsTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(49);
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    private static readonly Dictionary<string, Action<GitBuildRunnerOptions>> Bad = new()
    {
        ["no repository"] = static options => options.Repository = null!,
        ["empty repository"] = static options => options.Repository = "",
        ["blank repository"] = static options => options.Repository = " ",
        ["repository with NUL"] = static options => options.Repository = "a\0b",
        ["empty remote"] = static options => options.Remote = "",
        ["remote that is a relative path"] = static options => options.Remote = "../shop",
        ["remote that is a configured name"] = static options => options.Remote = "origin",
        ["remote that is an option"] = static options => options.Remote = "--upload-pack=touch /tmp/x",
        ["remote that is a command"] = static options => options.Remote = "ext::sh -c true",
        ["remote that is a descriptor"] = static options => options.Remote = "fd::0",
        ["remote of a helper"] = static options => options.Remote = "https::https://localhost/x",
        ["remote without encryption or identity"] = static options => options.Remote = "git://localhost/x",
        ["remote of another protocol"] = static options => options.Remote = "ftp://localhost/x",
        ["remote in capitals"] = static options => options.Remote = "HTTPS://localhost/x",
        ["remote with a user"] = static options => options.Remote = "https://user@localhost/x",
        ["remote with a password"] = static options => options.Remote = "https://user:password@localhost/x",
        ["remote with an encoded user"] = static options => options.Remote = "https://user%40localhost/x",
        ["remote with a query"] = static options => options.Remote = "https://localhost/x?token=x",
        ["remote with a fragment"] = static options => options.Remote = "https://localhost/x#y",
        ["remote with a blank"] = static options => options.Remote = "https://localhost/x y",
        ["remote with a backslash"] = static options => options.Remote = "https://localhost\\@elsewhere/x",
        ["remote with a line feed"] = static options => options.Remote = "https://localhost/x\n",
        ["remote with an encoded line feed"] = static options => options.Remote = "https://localhost/x%0ahost=elsewhere",
        ["remote with an encoded NUL"] = static options => options.Remote = "https://localhost/x%00",
        ["remote path with NUL"] = static options => options.Remote = "/a\0b",
        ["remote path with an encoded NUL"] = static options => options.Remote = "file:///a%00b",
        ["remote without a host"] = static options => options.Remote = "https:///x",
        ["remote whose host is an option"] = static options => options.Remote = "https://-x/y",
        ["remote with a port that is none"] = static options => options.Remote = "https://localhost:x/y",
        ["remote file of a host"] = static options => options.Remote = "file://localhost/x",
        ["ssh host that is an option"] = static options => options.Remote = "ssh://-oProxyCommand=touch/x",
        ["ssh host that is an encoded option"] = static options => options.Remote = "ssh://%2DoProxyCommand=touch/x",
        ["ssh user that is an option"] = static options => options.Remote = "ssh://-oProxyCommand=touch@localhost/x",
        ["ssh with a password"] = static options => options.Remote = "ssh://git:password@localhost/x",
        ["ssh in the short form"] = static options => options.Remote = "git@localhost:team/product.git",
        ["ssh without a path"] = static options => options.Remote = "ssh://localhost",
        ["credentials without a remote"] = static options => options.RemoteCredentials = NoCredentials,
        ["credentials for ssh"] = static options => (options.Remote, options.RemoteCredentials) = ("ssh://localhost/x", NoCredentials),
        ["credentials for a path"] = static options => (options.Remote, options.RemoteCredentials) = ("/x", NoCredentials),
        ["no time for the remote"] = static options => options.RemoteTimeout = TimeSpan.Zero,
        ["infinite time for the remote"] = static options => options.RemoteTimeout = Timeout.InfiniteTimeSpan,
        ["time for the remote that no timer can count"] = static options => options.RemoteTimeout = Longest + Tick,
        ["no target"] = static options => options.TargetBranch = null!,
        ["empty target"] = static options => options.TargetBranch = "",
        ["target that is computed"] = static options => options.TargetBranch = "main~1",
        ["target of the past"] = static options => options.TargetBranch = "main@{0}",
        ["target that is a range"] = static options => options.TargetBranch = "a..b",
        ["no command"] = static options => options.Command = null!,
        ["empty command"] = static options => options.Command = [],
        ["blank program"] = static options => options.Command = [" ", "a"],
        ["no program"] = static options => options.Command = [null!],
        ["no argument"] = static options => options.Command = ["a", null!],
        ["argument with NUL"] = static options => options.Command = ["a", "b\0"],
        ["no host"] = static options => options.Host = null!,
        ["empty host"] = static options => options.Host = "",
        ["host with user"] = static options => options.Host = "user@host",
        ["host with path"] = static options => options.Host = "host/path",
        ["no repository name"] = static options => options.RepositoryName = null!,
        ["empty repository name"] = static options => options.RepositoryName = "",
        ["repository name with a blank"] = static options => options.RepositoryName = "a b",
        ["repository name that ends with a slash"] = static options => options.RepositoryName = "a/",
        ["empty state directory"] = static options => options.StateDirectory = "",
        ["blank state directory"] = static options => options.StateDirectory = " ",
        ["state directory with NUL"] = static options => options.StateDirectory = "/a\0b",
        ["no concurrency"] = static options => options.Concurrency = 0,
        ["negative concurrency"] = static options => options.Concurrency = -1,
        ["more concurrency than there may be"] = static options => options.Concurrency = 1001,
        ["endless concurrency"] = static options => options.Concurrency = int.MaxValue,
        ["no timeout"] = static options => options.Timeout = TimeSpan.Zero,
        ["infinite timeout"] = static options => options.Timeout = Timeout.InfiniteTimeSpan,
        ["timeout that no timer can count"] = static options => options.Timeout = Longest + Tick,
        ["negative grace period"] = static options => options.CancelGrace = -Tick,
        ["grace period that no timer can count"] = static options => options.CancelGrace = Longest + Tick,
        ["negative log limit"] = static options => options.MaxLogBytes = -1,
        ["no retention"] = static options => options.Retention = TimeSpan.Zero,
        ["negative retention"] = static options => options.Retention = -Tick,
        ["variable without a name"] = static options => options.Environment[""] = "a",
        ["variable with an equals sign"] = static options => options.Environment["A=B"] = "a",
        ["variable with NUL in its name"] = static options => options.Environment["A\0"] = "a",
        ["variable with NUL in its value"] = static options => options.Environment["A"] = "a\0",
    };

    private static readonly Dictionary<string, Action<GitBuildRunnerOptions>> Good = new()
    {
        ["nothing but what is required"] = static _ => { },
        ["remote path"] = static options => options.Remote = "/srv/git/a b.git",
        ["remote file"] = static options => options.Remote = "file:///srv/git/shop.git",
        ["remote with https"] = static options => options.Remote = "https://git.example.org:8443/team/a%20b.git",
        ["remote with http"] = static options => options.Remote = "http://127.0.0.1/x",
        ["remote with an address"] = static options => options.Remote = "https://[::1]:8443/x",
        ["remote with ssh"] = static options => options.Remote = "ssh://git.example.org/~/x",
        ["remote with ssh, user and port"] = static options => options.Remote = "ssh://git@git.example.org:2222/team/product.git",
        ["credentials for https"] = static options => (options.Remote, options.RemoteCredentials) = ("https://localhost/x", NoCredentials),
        ["longest time for the remote"] = static options => options.RemoteTimeout = Longest,
        ["shortest time for the remote"] = static options => options.RemoteTimeout = Tick,
        ["branch with a slash"] = static options => options.TargetBranch = "release/1.x",
        ["full reference"] = static options => options.TargetBranch = "refs/tags/v1",
        ["commit"] = static options => options.TargetBranch = new string('a', 64),
        ["empty arguments"] = static options => options.Command = ["a", "", " "],
        ["host with a port"] = static options => options.Host = "localhost:1",
        ["repository name with a slash"] = static options => options.RepositoryName = "team/product",
        ["most concurrency"] = static options => options.Concurrency = 1000,
        ["longest timeout"] = static options => options.Timeout = Longest,
        ["shortest timeout"] = static options => options.Timeout = Tick,
        ["no grace period"] = static options => options.CancelGrace = TimeSpan.Zero,
        ["longest grace period"] = static options => options.CancelGrace = Longest,
        ["no log"] = static options => options.MaxLogBytes = 0,
        ["shortest retention"] = static options => options.Retention = Tick,
        ["longest retention"] = static options => options.Retention = TimeSpan.MaxValue,
        ["no environment"] = static options => options.Environment.Clear(),
        ["empty variable"] = static options => options.Environment["A"] = "",
    };

    private static readonly Func<CancellationToken, ValueTask<GitCredentials?>> NoCredentials = static _ => ValueTask.FromResult<GitCredentials?>(null);

    public static TheoryData<string> BadOptions => [.. Bad.Keys];

    public static TheoryData<string> GoodOptions => [.. Good.Keys];

    [Theory]
    [MemberData(nameof(BadOptions))]
    public void Options_that_make_no_sense_are_refused_when_the_runner_is_made(string kind)
    {
        using var provider = Create(Bad[kind]);

        var resolve = () => provider.GetRequiredService<IBuildRunner>();

        resolve.Should().Throw<OptionsValidationException>().Which.Failures.Should().ContainSingle();
    }

    [Theory]
    [MemberData(nameof(GoodOptions))]
    public void Options_that_make_sense_are_taken(string kind)
    {
        using var provider = Create(Good[kind]);

        var resolve = () => provider.GetRequiredService<IBuildRunner>();

        resolve.Should().NotThrow();
    }

    [Fact]
    public void A_secret_in_the_address_of_the_remote_is_not_shown()
    {
        using var provider = Create(static options => options.Remote = "https://user:s3cret@localhost/x");

        var resolve = () => provider.GetRequiredService<IBuildRunner>();

        resolve.Should().Throw<OptionsValidationException>().Which.ToString().Should().NotContain("s3cret");
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_together()
    {
        using var provider = new ServiceCollection().AddGitBuildRunner(static _ => { }).BuildServiceProvider();

        var resolve = () => provider.GetRequiredService<IBuildRunner>();

        resolve.Should().Throw<OptionsValidationException>().Which.Failures.Should().HaveCount(3, "repository, target and command are required");
    }

    [Fact]
    public void The_options_of_a_key_are_validated_as_well()
    {
        using var provider = new ServiceCollection().AddKeyedGitBuildRunner("key", static _ => { }).BuildServiceProvider();

        var resolve = () => provider.GetRequiredKeyedService<IBuildRunner>("key");

        resolve.Should().Throw<OptionsValidationException>().Which.OptionsName.Should().Be("key");
    }

    private static ServiceProvider Create(Action<GitBuildRunnerOptions> configure) => new ServiceCollection()
        .AddGitBuildRunner(options =>
        {
            options.Repository = "/anywhere";
            options.TargetBranch = "main";
            options.Command = ["true"];
            configure(options);
        })
        .BuildServiceProvider();
}
