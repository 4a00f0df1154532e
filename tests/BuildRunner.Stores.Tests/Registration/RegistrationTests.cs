using BuildRunner.Relational;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace BuildRunner.Stores.Tests.Registration;

public sealed class RegistrationTests
{
    private static readonly Dictionary<string, Action<QueueBuilder>> Engines = new()
    {
        ["sqlite"] = static queue => queue.UseSqlite($"Data Source={Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.db")}"),
        ["postgresql"] = static queue => queue.UsePostgreSql("Host=localhost;Database=none"),
        ["mysql"] = static queue => queue.UseMySql("Server=localhost;Database=none"),
    };

    public static TheoryData<string> Names => [.. Engines.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_store_of_the_database_is_used_whichever_is_added_first(string engine)
    {
        ServiceCollection first = new();
        Engines[engine](first.AddQueue());
        first.AddBuildOrchestration();
        ServiceCollection last = new();
        last.AddBuildOrchestration();
        Engines[engine](last.AddQueue());

        foreach (var services in new[] { first, last })
        {
            await using var provider = services.BuildServiceProvider();
            provider.GetRequiredService<IBuildStore>().Should().BeOfType<RelationalBuildStore>().And.BeSameAs(provider.GetRequiredService<IBuildStore>());
            provider.GetRequiredService<IQueueEngine>().Name.Should().Be(engine);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_test_host_replaces_the_database_of_a_program_by_one_line(string engine)
    {
        ServiceCollection services = new();
        Engines[engine](services.AddQueue());
        services.AddBuildOrchestration();

        services.AddQueue().UseInMemory();

        await using var provider = services.BuildServiceProvider();
        provider.GetRequiredService<IBuildStore>().Should().BeOfType<InMemoryBuildStore>();
        provider.GetService<ITransactionalPublisher>().Should().BeNull();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_database_comes_and_goes_without_the_options_that_the_program_has(string engine)
    {
        ServiceCollection services = new();
        services.AddSingleton(typeof(IOptionsFactory<>), typeof(OwnFactory<>));
        Engines[engine](services.AddQueue());

        services.Where(IsFactory).Should().ContainSingle().Which.ImplementationType.Should().Be(typeof(OwnFactory<>));

        services.AddQueue().UseInMemory();

        services.Where(IsFactory).Should().ContainSingle();
        services.Should().Contain(static service => service.ServiceType == typeof(IOptions<>)).And.Contain(static service => service.ServiceType == typeof(IStartupValidator));

        static bool IsFactory(ServiceDescriptor service) => service.ServiceType == typeof(IOptionsFactory<>);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_database_of_builds_is_chosen_on_their_own_builder(string engine)
    {
        var services = new ServiceCollection().AddBuildOrchestration().UseInMemory().Services;
        var builder = services.AddBuildOrchestration();

        _ = engine switch
        {
            "sqlite" => builder.UseSqlite("Data Source=none.db").IgnoreChanges(),
            "postgresql" => builder.UsePostgreSql("Host=localhost;Database=none").IgnoreChanges(),
            _ => builder.UseMySql("Server=localhost;Database=none").IgnoreChanges(),
        };

        await using var provider = services.BuildServiceProvider();
        provider.GetRequiredService<IBuildStore>().Should().BeOfType<RelationalBuildStore>();
        provider.GetRequiredService<IQueueEngine>().Name.Should().Be(engine);
    }

    [Fact]
    public async Task Builds_are_submitted_and_read_without_a_host_by_the_time_of_the_database()
    {
        var directory = Directory.CreateTempSubdirectory("store-").FullName;
        ServiceCollection services = new();
        services.AddBuildOrchestration().UseSqlite($"Data Source={Path.Combine(directory, "queue.db")}");
        await using (var provider = services.BuildServiceProvider())
        {
            var builds = provider.GetRequiredService<IBuildOrchestrator>();
            var before = DateTimeOffset.UtcNow;

            var build = await builds.SubmitAsync(new BuildSubmission { Key = "key", OwnerId = "owner", Runner = "ci", Request = new BuildRequest() });

            (await builds.GetAsync(build.Id)).Should().Be(build);
            build.CreatedAt.Should().BeCloseTo(before, TimeSpan.FromMinutes(1));
            var cancelled = await builds.CancelAsync(build.Id);
            (await builds.GetAsync(build.Id)).Should().Be(cancelled);
        }

        Directory.Delete(directory, recursive: true);
    }

    private sealed class OwnFactory<TOptions> : IOptionsFactory<TOptions>
        where TOptions : class
    {
        public TOptions Create(string name) => throw new NotSupportedException();
    }
}
