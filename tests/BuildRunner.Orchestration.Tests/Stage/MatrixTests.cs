using System.Reflection;
using BuildRunner.Orchestration.Tests.Crashes;
using BuildRunner.Orchestration.Tests.Invariants;
using BuildRunner.Queue.Tests.Fixtures;

namespace BuildRunner.Orchestration.Tests.Stage;

/// <summary>No database can be forgotten, and none can leave out an invariant.</summary>
public sealed class MatrixTests
{
    private static readonly Type[] Types = typeof(MatrixTests).Assembly.GetTypes();

    private static IEnumerable<Type> Backends => Types.Where(static type => !type.IsAbstract && type.IsAssignableTo(typeof(StageBackend)));

    private static IEnumerable<Type> Suites => Types.Where(static type => type is { IsAbstract: true, IsGenericTypeDefinition: true } && IsOf(type.BaseType, typeof(InvariantSuite<>)));

    public static TheoryData<string, string> Matrix => [.. from suite in Suites from backend in Backends select (suite.Name, backend.Name)];

    public static TheoryData<string> Databases => [.. Backends.Where(static backend => backend.IsAssignableTo(typeof(SqlBackend))).Select(static backend => backend.Name)];

    [Theory]
    [MemberData(nameof(Matrix))]
    public void Every_invariant_is_tested_on_every_engine(string suite, string backend) => ShouldRun(Suites.Single(type => type.Name == suite), backend);

    [Theory]
    [MemberData(nameof(Databases))]
    public void Every_database_has_a_part_of_the_crash_matrix(string backend) => ShouldRun(typeof(SqlCrashSuite<>), backend);

    [Fact]
    public void Every_test_that_needs_a_server_is_marked_as_slow() =>
        Types.Where(static type => type.IsSealed && type.BaseType is { IsGenericType: true } suite && (suite.GetGenericArguments()[0] == typeof(PostgreSqlBackend) || suite.GetGenericArguments()[0] == typeof(MariaDbBackend)))
            .Should().NotBeEmpty().And.OnlyContain(static type => type.IsDefined(typeof(SlowAttribute), false));

    // That every package of an engine has a queue is asserted where the queues come from.
    [Fact]
    public void Every_queue_has_a_backend()
    {
        var queues = Types.Where(static type => type.GetCustomAttribute<EnginePackageAttribute>() is not null).Select(static type => type.Name.Replace("Fixture", "Backend", StringComparison.Ordinal));

        Backends.Select(static backend => backend.Name).Should().BeEquivalentTo(queues);
    }

    // Of threads that are shared, which no engine has anything to do with, is the only one that is not here.
    [Fact]
    public void Every_invariant_but_that_of_threads_has_a_suite() =>
        Suites.Select(static suite => suite.Name[..3]).Distinct().Should().BeEquivalentTo(Enumerable.Range(1, 22).Where(static number => number != 11).Select(static number => $"O{number:00}"));

    private static bool IsOf(Type? type, Type definition) => type is { IsGenericType: true } && type.GetGenericTypeDefinition() == definition;

    private static void ShouldRun(Type suite, string backend) =>
        Types.Should().ContainSingle(type => type.IsSealed && type.IsPublic && IsOf(type.BaseType, suite) && type.BaseType!.GetGenericArguments()[0].Name == backend);
}
