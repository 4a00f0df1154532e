using System.Reflection;

namespace BuildRunner.Tests.Architecture;

/// <summary>The interface must not change when a backend lands. It grows by properties of its records and by side interfaces.</summary>
public sealed class ThreeMembersRuleTests
{
    [Fact]
    public void The_interface_has_exactly_its_three_members()
    {
        var members = typeof(IBuildRunner).GetMembers(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static);

        members.Select(member => member.ToString()).Should().BeEquivalentTo(
            "System.Threading.Tasks.Task`1[BuildRunner.BuildId] TriggerAsync(BuildRunner.BuildRequest, System.Threading.CancellationToken)",
            "System.Threading.Tasks.Task`1[BuildRunner.BuildSnapshot] StatusAsync(BuildRunner.BuildId, System.Threading.CancellationToken)",
            "System.Threading.Tasks.Task CancelAsync(BuildRunner.BuildId, System.Threading.CancellationToken)");
    }

    [Fact]
    public void The_interface_extends_no_other()
    {
        typeof(IBuildRunner).GetInterfaces().Should().BeEmpty();
    }

    [Theory]
    [InlineData("TriggerAsync", "request")]
    [InlineData("StatusAsync", "buildId")]
    [InlineData("CancelAsync", "buildId")]
    public void The_names_of_the_parameters_and_the_optional_token_are_part_of_it(string method, string first)
    {
        var parameters = typeof(IBuildRunner).GetMethod(method)!.GetParameters();

        parameters.Select(parameter => (parameter.Name, parameter.IsOptional)).Should().Equal((first, false), ("cancellationToken", true));
    }

    [Fact]
    public void The_interface_has_no_default_implementation()
    {
        typeof(IBuildRunner).GetMethods().Should().OnlyContain(method => method.IsAbstract);
    }
}
