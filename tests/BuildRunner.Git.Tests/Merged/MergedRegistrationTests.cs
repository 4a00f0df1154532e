using BuildRunner.Http;
using BuildRunner.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace BuildRunner.Git.Tests.Merged;

/// <summary>The decorator takes the place of a runner that is there, and sets it up.</summary>
public sealed class MergedRegistrationTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly ServiceCollection _services = new();

    public static TheoryData<string, Action<MergedRefsOptions>> Mistakes => new()
    {
        { nameof(MergedRefsOptions.Repository), static options => options.Repository = "" },
        { nameof(MergedRefsOptions.Remote), static options => options.Remote = null },
        { nameof(MergedRefsOptions.Remote), static options => options.Remote = "https://me:secret@example.org/x.git" },
        { nameof(MergedRefsOptions.RemoteTimeout), static options => options.RemoteTimeout = TimeSpan.Zero },
        { nameof(MergedRefsOptions.Host), static options => options.Host = "a/b" },
        { nameof(MergedRefsOptions.RepositoryName), static options => options.RepositoryName = "" },
        { nameof(MergedRefsOptions.TargetBranch), static options => options.TargetBranch = new string('0', 39) + "~" },
        { nameof(MergedRefsOptions.RefPrefix), static options => options.RefPrefix = "build/" },
        { nameof(MergedRefsOptions.RefPrefix), static options => options.RefPrefix = "refs/heads/build" },
        { nameof(MergedRefsOptions.RefPrefix), static options => options.RefPrefix = "refs/heads/*/" },
        { nameof(MergedRefsOptions.RefPrefix), static options => options.RefPrefix = "refs/buildrunner/x/" },
        { nameof(MergedRefsOptions.RefRetention), static options => options.RefRetention = TimeSpan.FromMinutes(59) },
        { nameof(MergedRefsOptions.RefRetention), static options => options.RefRetention = TimeSpan.FromDays(366) },
        { nameof(MergedRefsOptions.ReuseFor), static options => options.ReuseFor = TimeSpan.FromDays(8) },
        { nameof(MergedRefsOptions.ReuseFor), static options => options.ReuseFor = TimeSpan.Zero },
        { nameof(MergedRefsOptions.PipelineFrom), static options => options.PipelineFrom = (MergedRefsPipeline)2 },
        { nameof(MergedRefsOptions.PushOptions), static options => options.PushOptions = ["a\nb"] },
        { nameof(MergedRefsOptions.StateDirectory), static options => options.StateDirectory = " " },
    };

    public void Dispose() => _directory.Dispose();

    [TimedTheory]
    [MemberData(nameof(Mistakes))]
    public async Task A_mistake_in_the_options_keeps_the_host_from_starting(string option, Action<MergedRefsOptions> configure)
    {
        _services.AddSingleton<IBuildRunner, NoopBuildRunner>();
        _services.AddMergedRefs(options =>
        {
            Configure(options);
            configure(options);
        });

        (await StartAsync()).Should().ThrowExactly<OptionsValidationException>().Which.Failures.Should().ContainSingle().Which.Should().Contain(option).And.NotContain("secret");
    }

    [TimedTheory]
    [InlineData(null, null, true)]
    [InlineData(null, "ci", false)]
    [InlineData("ci", null, false)]
    [InlineData("ci", "other", false)]
    [InlineData("ci", "ci", true)]
    public async Task A_host_whose_services_have_no_such_runner_does_not_start(string? merged, string? added, bool starts)
    {
        _services.AddKeyedSingleton<IBuildRunner>(added, (_, _) => new NoopBuildRunner());
        Add(merged);

        var start = await StartAsync();

        if (starts)
        {
            start.Should().NotThrow();
        }
        else
        {
            start.Should().ThrowExactly<OptionsValidationException>().WithMessage("*AddMergedRefs*");
        }
    }

    [TimedTheory]
    [InlineData(null)]
    [InlineData("ci")]
    public async Task The_runner_is_made_once_and_disposed_of_once_and_is_nobody_elses(string? key)
    {
        List<Disposable> made = [];
        _services.AddKeyedSingleton<IBuildRunner>(key, (_, _) =>
        {
            made.Add(new Disposable());
            return made[^1];
        });
        Add(key);

        await using (var provider = _services.BuildServiceProvider())
        {
            provider.GetRequiredKeyedService<IBuildRunner>(key).As<IMergedRefs>().Should().NotBeNull();
            provider.GetKeyedServices<IBuildRunner>(key).Should().ContainSingle().Which.Should().BeSameAs(provider.GetRequiredKeyedService<IBuildRunner>(key));
        }

        made.Should().ContainSingle().Which.Disposals.Should().Be(1);
    }

    [TimedFact]
    public async Task An_instance_is_left_to_who_has_made_it()
    {
        Disposable instance = new();
        _services.AddSingleton<IBuildRunner>(instance);
        Add(null);

        await using (var provider = _services.BuildServiceProvider())
        {
            provider.GetRequiredService<IBuildRunner>().As<IMergedRefs>().Should().NotBeNull();
        }

        instance.Disposals.Should().Be(0);
    }

    [TimedTheory]
    [InlineData(null, MergedRefsPipeline.Head, ChangesForm.Merged)]
    [InlineData("ci", MergedRefsPipeline.Head, ChangesForm.Merged)]
    [InlineData("ci", MergedRefsPipeline.Target, ChangesForm.Document)]
    public async Task A_runner_over_HTTP_is_set_up_before_it_is_made(string? key, MergedRefsPipeline pipeline, ChangesForm expected)
    {
        ChangesForm? form = null;
        _services.AddHttpBuildRunner<PlainCi, CiOptions>(key, static _ => { }, context =>
        {
            form = context.Options.Changes;
            return new PlainCi(new FakeBuildRunner());
        });
        Add(key, options => options.PipelineFrom = pipeline);

        await using var provider = _services.BuildServiceProvider();
        foreach (var service in provider.GetServices<IHostedService>())
        {
            await service.StartAsync(TestContext.Current.CancellationToken);
        }

        provider.GetRequiredKeyedService<PlainCi>(key);
        form.Should().Be(expected);
    }

    [TimedFact]
    public void Twice_for_one_runner_is_refused()
    {
        _services.AddSingleton<IBuildRunner, NoopBuildRunner>();
        Add(null);

        FluentActions.Invoking(() => Add(null)).Should().ThrowExactly<InvalidOperationException>();
    }

    [TimedFact]
    public async Task A_state_directory_that_a_git_runner_has_is_refused()
    {
        using var repository = await TestRepository.CreateAsync();
        _services.AddKeyedGitBuildRunner("ci", options => (options.Repository, options.TargetBranch, options.Command, options.StateDirectory) = (repository.Path, "main", ["true"], _directory["state"]));
        Add("ci");

        (await StartAsync()).Should().ThrowExactly<InvalidOperationException>();
    }

    private void Add(string? key, Action<MergedRefsOptions>? configure = null)
    {
        Action<MergedRefsOptions> both = Configure;
        both += configure;
        _ = key is null ? _services.AddMergedRefs(both) : _services.AddMergedRefs(key, both);
    }

    private void Configure(MergedRefsOptions options)
    {
        options.Repository = _directory["repository"];
        options.Remote = "/nowhere";
        options.TargetBranch = "main";
        options.StateDirectory = _directory["state"];
    }

    // By a host, which validates the options first.
    private async Task<Action> StartAsync()
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        foreach (var service in _services)
        {
            builder.Services.Add(service);
        }

        using var host = builder.Build();
        try
        {
            await host.StartAsync(TestContext.Current.CancellationToken);
            await host.StopAsync(TestContext.Current.CancellationToken);
            return static () => { };
        }
        catch (Exception exception)
        {
            return () => System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(exception);
        }
    }

    private sealed class CiOptions : HttpBuildRunnerOptions;

    private sealed class Disposable() : DelegatingBuildRunner(new FakeBuildRunner()), IDisposable
    {
        public int Disposals { get; private set; }

        public void Dispose() => Disposals++;
    }
}
