namespace BuildRunner.Tests.Architecture;

/// <summary>Shows that the rules of <see cref="SourceFile"/> find what they are for.</summary>
public sealed class SourceFileTests
{
    [Theory]
    [InlineData("public sealed class A;")]
    [InlineData("public interface A;")]
    [InlineData("public delegate void A();")]
    [InlineData("public enum A { None } internal sealed class B;")]
    [InlineData("internal sealed class B;")]
    [InlineData("public sealed class A { public sealed class Nested; }")]
    public void One_public_type_with_the_name_of_the_file_is_well_named(string text)
    {
        new SourceFile("src/A.cs", text).MisnamedTypes().Should().BeEmpty();
    }

    [Theory]
    [InlineData("public sealed class B;")]
    [InlineData("public sealed class A; public sealed class B;")]
    [InlineData("namespace N; public sealed class A; public readonly record struct B;")]
    [InlineData("namespace N { public sealed class A; public delegate void B(); }")]
    public void Any_other_public_type_is_not(string text)
    {
        new SourceFile("src/A.cs", text).MisnamedTypes().Should().Equal("B");
    }

    [Theory]
    [InlineData("namespace BuildRunner; public sealed class A;")]
    [InlineData("namespace BuildRunner.Git; public sealed class A;")]
    [InlineData("namespace BuildRunner.Elsewhere; internal sealed class A;")]
    [InlineData("namespace Microsoft.Extensions.DependencyInjection; public static class AServiceCollectionExtensions;")]
    [InlineData("namespace Microsoft.Extensions.DependencyInjection; public static class AOrchestrationBuilderExtensions;")]
    [InlineData("namespace Microsoft.AspNetCore.Builder; public static class AEndpointRouteBuilderExtensions;")]
    [InlineData("namespace OpenTelemetry.Trace; public static class ATracerProviderBuilderExtensions;")]
    [InlineData("namespace OpenTelemetry.Metrics; public static class AMeterProviderBuilderExtensions;")]
    public void A_type_in_its_namespace_is_well_placed(string text)
    {
        new SourceFile("A.cs", text).MisplacedTypes("BuildRunner.Git").Should().BeEmpty();
    }

    [Theory]
    [InlineData("public sealed class A;", ".A")]
    [InlineData("namespace BuildRunner.Runners; public sealed class A;", "BuildRunner.Runners.A")]
    [InlineData("namespace Microsoft.Extensions.DependencyInjection; public static class AExtensions;", "Microsoft.Extensions.DependencyInjection.AExtensions")]
    [InlineData("namespace BuildRunner; public static class AServiceCollectionExtensions;", "BuildRunner.AServiceCollectionExtensions")]
    [InlineData("namespace BuildRunner; public static class AEndpointRouteBuilderExtensions;", "BuildRunner.AEndpointRouteBuilderExtensions")]
    [InlineData("namespace BuildRunner; public static class ATracerProviderBuilderExtensions;", "BuildRunner.ATracerProviderBuilderExtensions")]
    [InlineData("namespace OpenTelemetry.Trace; public static class AMeterProviderBuilderExtensions;", "OpenTelemetry.Trace.AMeterProviderBuilderExtensions")]
    [InlineData("namespace OpenTelemetry.Metrics; public sealed class AMeterProviderBuilderExtensions;", "OpenTelemetry.Metrics.AMeterProviderBuilderExtensions")]
    public void Any_other_place_is_wrong(string text, string type)
    {
        new SourceFile("A.cs", text).MisplacedTypes("BuildRunner.Git").Should().Equal(type);
    }

    [Theory]
    [InlineData("public sealed class A;")]
    [InlineData("public static class A;")]
    [InlineData("public abstract class A;")]
    [InlineData("public readonly record struct A;")]
    [InlineData("public struct A;")]
    [InlineData("public interface A;")]
    [InlineData("public class AException;")]
    [InlineData("internal class A;")]
    public void What_cannot_be_derived_from_by_accident_is_closed(string text)
    {
        new SourceFile("A.cs", text).OpenClasses().Should().BeEmpty();
    }

    [Theory]
    [InlineData("public class A;")]
    [InlineData("public partial class A;")]
    [InlineData("public record A;")]
    [InlineData("public record class A;")]
    public void Any_other_class_is_open(string text)
    {
        new SourceFile("A.cs", text).OpenClasses().Should().Equal("A");
    }

    [Theory]
    [InlineData("public sealed record A(int X);", "A")]
    [InlineData("public readonly record struct A(int X);", "A")]
    [InlineData("public sealed record A;")]
    [InlineData("internal sealed record A(int X);")]
    public void A_public_record_with_positions_is_found(string text, params string[] found)
    {
        new SourceFile("A.cs", text).PositionalRecords().Should().Equal(found);
    }

    [Theory]
    [InlineData("public enum A { Passed, Failed }", "A")]
    [InlineData("public enum A { Done = 0, Retry }", "A")]
    [InlineData("public enum A { None, Done }")]
    [InlineData("public enum A { Done = 1, Retry = 2 }")]
    public void A_success_that_is_zero_is_found(string text, params string[] found)
    {
        new SourceFile("A.cs", text).SuccessfulZeros().Should().Equal(found);
    }

    [Fact]
    public void Long_lines_and_files_are_found()
    {
        var line = new string('x', 140);

        new SourceFile("A.cs", $"{line}\n").LongLines().Should().BeEmpty();
        new SourceFile("A.cs", $"{line}x\n").LongLines().Should().Equal("line 1 has 141 columns");
        new SourceFile("A.cs", string.Concat(Enumerable.Repeat("\n", 300))).LongLines().Should().BeEmpty();
        new SourceFile("A.cs", string.Concat(Enumerable.Repeat("x\n", 301))).LongLines().Should().Equal("there are 301 lines");
    }
}
