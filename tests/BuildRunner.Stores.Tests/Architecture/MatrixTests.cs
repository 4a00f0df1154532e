using System.Reflection;
using BuildRunner.Stores.Tests.Suite;

namespace BuildRunner.Stores.Tests.Architecture;

/// <summary>No store can be forgotten, and none can leave out a suite.</summary>
public sealed class MatrixTests
{
    private static readonly Type[] Types = typeof(MatrixTests).Assembly.GetTypes();

    private static IEnumerable<Type> Fixtures => Types.Where(type => !type.IsAbstract && type.IsAssignableTo(typeof(StoreFixture)));

    private static IEnumerable<Type> Suites => Types.Where(type => type is { IsAbstract: true, IsPublic: true, IsGenericTypeDefinition: true } && type.Namespace == typeof(BuildStoreSuite<>).Namespace && type != typeof(BuildStoreSuite<>));

    public static TheoryData<string, string> Matrix
    {
        get
        {
            TheoryData<string, string> matrix = [];
            foreach (var fixture in Fixtures)
            {
                foreach (var suite in Suites.Where(suite => Accepts(suite, fixture)))
                {
                    matrix.Add(suite.Name, fixture.Name);
                }
            }

            return matrix;
        }
    }

    [Fact]
    public void What_needs_a_server_is_left_out_of_the_fast_tests() =>
        Types.Where(static type => type is { IsSealed: true, BaseType.IsGenericType: true } && type.BaseType.GetGenericArguments()[0].IsAssignableTo(typeof(RowLockingStoreFixture)))
            .Should().NotBeEmpty().And.OnlyContain(static type => type.IsDefined(typeof(SlowAttribute), false));

    [Theory]
    [MemberData(nameof(Matrix))]
    public void Every_store_runs_every_suite(string suite, string fixture)
    {
        Types.Should().ContainSingle(type =>
            type.IsSealed && type.IsPublic && type.BaseType!.IsGenericType
            && type.BaseType.GetGenericTypeDefinition().Name == suite && type.BaseType.GetGenericArguments()[0].Name == fixture);
    }

    // That every package of an engine has a queue is asserted where the queues come from.
    [Fact]
    public void Every_queue_has_a_store()
    {
        var queues = Types.Where(type => type.GetCustomAttribute<EnginePackageAttribute>() is not null).Select(type => type.Name);

        Fixtures.Select(fixture => fixture.Name.Replace("StoreFixture", "Fixture", StringComparison.Ordinal)).Should().BeEquivalentTo(queues);
    }

    private static bool Accepts(Type suite, Type fixture) =>
        suite.GetGenericArguments()[0].GetGenericParameterConstraints().All(constraint => fixture.IsAssignableTo(constraint));
}
