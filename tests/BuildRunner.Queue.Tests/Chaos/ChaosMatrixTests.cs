using System.Reflection;

namespace BuildRunner.Queue.Tests.Chaos;

public sealed class ChaosMatrixTests
{
    private static readonly Type[] Types = [.. typeof(ChaosMatrixTests).Assembly.GetTypes().Where(static type => type.IsSealed && !type.IsAbstract)];

    [Fact]
    public void Every_engine_in_a_database_is_put_to_chaos()
    {
        var databases = Types.Where(static type => type.IsAssignableTo(typeof(ChaosDatabase))).ToList();

        databases.Select(PackageOf).Distinct().Should().BeEquivalentTo(Types.Where(static type => type.IsAssignableTo(typeof(SqlFixture))).Select(PackageOf).Distinct());
        databases.Should().OnlyContain(static database => Types.Any(type => type.BaseType == typeof(ChaosSuite<>).MakeGenericType(database)));
    }

    private static string PackageOf(Type type) => type.GetCustomAttribute<EnginePackageAttribute>()!.Package;
}
