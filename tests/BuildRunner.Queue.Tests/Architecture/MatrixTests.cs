using System.Reflection;
using System.Xml.Linq;
using BuildRunner.Queue.Tests.PostgreSql18;
using BuildRunner.Queue.Tests.Suite;

namespace BuildRunner.Queue.Tests.Architecture;

/// <summary>No engine can be forgotten, and none can leave out a suite.</summary>
public sealed class MatrixTests
{
    // What an engine package is built on; they have no engine that could be started by itself.
    private static readonly string[] Foundations = ["BuildRunner.Relational"];

    // All of them would take minutes on one more version of a server.
    private static readonly Type[] OnNewestVersion = [typeof(IdentitySuite<>), typeof(LeaseSuite<>), typeof(LockingSuite<>), typeof(ModelSuite<>)];

    private static readonly Type[] Types = typeof(MatrixTests).Assembly.GetTypes();

    private static IEnumerable<Type> Fixtures => Types.Where(type => type is { IsAbstract: false, IsGenericTypeDefinition: false } && type.IsAssignableTo(typeof(EngineFixture)));

    private static IEnumerable<Type> Suites => Types.Where(type => type is { IsAbstract: true, IsPublic: true, IsGenericTypeDefinition: true } && type.Namespace == typeof(EngineSuite<>).Namespace && type != typeof(EngineSuite<>));

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

    [Theory]
    [MemberData(nameof(Matrix))]
    public void Every_engine_runs_every_suite(string suite, string fixture)
    {
        Types.Should().ContainSingle(type =>
            type.IsSealed && type.IsPublic && type.BaseType!.IsGenericType
            && type.BaseType.GetGenericTypeDefinition().Name == suite && type.BaseType.GetGenericArguments()[0].Name == fixture);
    }

    [Fact]
    public void What_needs_a_server_is_left_out_of_the_fast_tests() =>
        Types.Where(static type => type is { IsSealed: true, BaseType.IsGenericType: true } && type.BaseType.GetGenericArguments()[0].IsAssignableTo(typeof(RowLockingFixture)))
            .Should().NotBeEmpty().And.OnlyContain(static type => type.IsDefined(typeof(SlowAttribute), false));

    [Fact]
    public void Every_engine_package_has_a_fixture()
    {
        var packages = Directory.EnumerateFiles(Path.Combine(Root(), "src"), "*.csproj", SearchOption.AllDirectories)
            .Where(IsEngine)
            .Select(Path.GetFileNameWithoutExtension)
            .Except(Foundations);

        var covered = Fixtures.Select(fixture => fixture.GetCustomAttribute<EnginePackageAttribute>()!.Package).Distinct();

        covered.Should().BeEquivalentTo(packages);
    }

    // The queue itself has the engine in memory; every other engine is in a package on top of what the SQL engines share.
    private static bool IsEngine(string project) =>
        Path.GetFileNameWithoutExtension(project) == "BuildRunner.Queue"
        || XDocument.Load(project).Descendants("ProjectReference").Any(reference => ((string)reference.Attribute("Include")!).Contains("BuildRunner.Relational", StringComparison.Ordinal));

    private static bool Accepts(Type suite, Type fixture) =>
        (fixture != typeof(PostgreSql18Fixture) || OnNewestVersion.Contains(suite))
        && suite.GetGenericArguments()[0].GetGenericParameterConstraints().All(constraint => fixture.IsAssignableTo(constraint));

    private static string Root()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "BuildRunner.sln")))
        {
            directory = Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("The tests do not run in the repository.");
        }

        return directory;
    }
}
