using System.Diagnostics;
using System.Reflection;

namespace BuildRunner.Tests.Builds;

public sealed class BuildMetadataDisplayTests
{
    private static readonly BuildMetadata Metadata = [new("queue", "hunter2"), new("attempt", "swordfish")];

    [Fact]
    public void The_text_has_the_keys_in_order_and_no_value()
    {
        Metadata.ToString().Should().Be("[queue, attempt]");
        BuildMetadata.Empty.ToString().Should().Be("[]");
    }

    [Fact]
    public void The_debugger_shows_the_text()
    {
        var display = typeof(BuildMetadata).GetCustomAttribute<DebuggerDisplayAttribute>();

        display!.Value.Should().Be("{ToString(),nq}");
    }

    [Fact]
    public void The_debugger_expands_to_the_keys_alone()
    {
        var proxyType = Type.GetType(typeof(BuildMetadata).GetCustomAttribute<DebuggerTypeProxyAttribute>()!.ProxyTypeName, throwOnError: true)!;
        var proxy = Activator.CreateInstance(proxyType, Metadata);

        var members = proxyType.GetProperties();

        members.Should().ContainSingle();
        members[0].GetValue(proxy).Should().BeAssignableTo<IEnumerable<string>>().Which.Should().Equal("queue", "attempt");
        members[0].GetCustomAttribute<DebuggerBrowsableAttribute>()!.State.Should().Be(DebuggerBrowsableState.RootHidden);
    }
}
