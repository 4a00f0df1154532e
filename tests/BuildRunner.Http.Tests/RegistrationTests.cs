using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Http.Tests;

/// <summary>The services of a registered runner.</summary>
public sealed class RegistrationTests
{
    [Fact]
    public async Task Runners_of_two_types_under_one_key_have_each_their_own_options()
    {
        await using var provider = new ServiceCollection()
            .AddHttpBuildRunner<FirstRunner, FirstOptions>(serviceKey: null, static _ => { }, static context => new(context.Options))
            .AddHttpBuildRunner<SecondRunner, SecondOptions>(serviceKey: null, static _ => { }, static context => new(context.Options))
            .BuildServiceProvider();

        provider.GetRequiredService<FirstRunner>().Options.Should().BeOfType<FirstOptions>();
        provider.GetRequiredService<SecondRunner>().Options.Should().BeOfType<SecondOptions>();
        provider.GetRequiredService<IBuildRunner>().Should().BeOfType<SecondRunner>();
        provider.GetRequiredService<HttpBuildRunnerOptions>().Should().BeOfType<SecondOptions>();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("ci")]
    public async Task What_a_decorator_sets_is_what_the_runner_reads(string? serviceKey)
    {
        await using var provider = new ServiceCollection()
            .AddHttpBuildRunner<FirstRunner, FirstOptions>(serviceKey, static _ => { }, static context => new(context.Options))
            .BuildServiceProvider();

        provider.GetRequiredKeyedService<HttpBuildRunnerOptions>(serviceKey).Changes = ChangesForm.Merged;

        provider.GetRequiredKeyedService<FirstRunner>(serviceKey).Options.Changes.Should().Be(ChangesForm.Merged);
    }

    private sealed class FirstOptions : HttpBuildRunnerOptions;

    private sealed class SecondOptions : HttpBuildRunnerOptions;

    private sealed class FirstRunner(HttpBuildRunnerOptions options) : DelegatingBuildRunner(new NoopBuildRunner())
    {
        public HttpBuildRunnerOptions Options => options;
    }

    private sealed class SecondRunner(HttpBuildRunnerOptions options) : DelegatingBuildRunner(new NoopBuildRunner())
    {
        public HttpBuildRunnerOptions Options => options;
    }
}
