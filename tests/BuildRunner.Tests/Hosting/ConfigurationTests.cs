using Microsoft.Extensions.Configuration;

namespace BuildRunner.Tests.Hosting;

/// <summary>The types in the configuration binder, as described on the page about the wire format.</summary>
public sealed class ConfigurationTests
{
    [Fact]
    public void An_id_binds_from_its_bare_value()
    {
        var bound = Configuration(("Id", " noop-1"), ("OptionalId", "noop-2"), ("Named:first", "noop-3")).Get<IdSettings>()!;

        bound.Id.Should().Be(new BuildId(" noop-1"));
        bound.OptionalId.Should().Be(new BuildId("noop-2"));
        bound.Named.Should().Equal(new Dictionary<string, BuildId> { ["first"] = new("noop-3") });
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public void An_id_that_is_blank_fails(string value)
    {
        var act = () => Configuration(("Id", value)).Get<IdSettings>();

        act.Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public void A_status_binds_from_its_name()
    {
        Configuration(("Status", "failed")).GetValue<BuildStatus>("Status").Should().Be(BuildStatus.Failed);
    }

    [Fact]
    public void Metadata_that_is_not_there_yet_fails()
    {
        var act = () => Configuration(("Metadata:queue", "main")).Get<NoMetadataSettings>();

        act.Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public void Metadata_that_is_there_already_fails_where_the_host_wants_to_hear_of_what_cannot_be_bound()
    {
        var act = () => Configuration(("Metadata:queue", "main")).Get<MetadataSettings>(options => options.ErrorOnUnknownConfiguration = true);

        act.Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public void Metadata_that_is_there_already_is_left_as_it_is_by_any_other_host()
    {
        var bound = Configuration(("Metadata:queue", "main")).Get<MetadataSettings>()!;

        bound.Metadata.Should().BeSameAs(BuildMetadata.Empty);
    }

    [Fact]
    public void Metadata_is_made_of_a_dictionary_that_was_bound()
    {
        var bound = Configuration(("Metadata:queue", "main"), ("Metadata:attempt", "2")).GetSection("Metadata").Get<Dictionary<string, string>>();

        new BuildMetadata(bound).Equals([new("queue", "main"), new("attempt", "2")]).Should().BeTrue();
    }

    [Fact]
    public void A_change_fails()
    {
        var act = () => Configuration(("Change:Uris:0", "git:a")).Get<ChangeSettings>();

        act.Should().Throw<InvalidOperationException>();
    }

    [Theory]
    [InlineData("Head:0:Uris:0", "git:a")]
    [InlineData("Metadata:queue", "main")]
    [InlineData("Heads:0:Uris:0", "git:a")]
    public void A_request_fails_where_the_host_wants_to_hear_of_what_cannot_be_bound(string key, string value)
    {
        var act = () => Configuration((key, value)).Get<BuildRequest>(options => options.ErrorOnUnknownConfiguration = true);

        act.Should().Throw<InvalidOperationException>();
    }

    private static IConfiguration Configuration(params (string Key, string Value)[] pairs) =>
        new ConfigurationBuilder().AddInMemoryCollection(pairs.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value))).Build();

    private sealed class IdSettings
    {
        public BuildId Id { get; set; }

        public BuildId? OptionalId { get; set; }

        public Dictionary<string, BuildId> Named { get; set; } = [];
    }

    private sealed class NoMetadataSettings
    {
        public BuildMetadata? Metadata { get; set; }
    }

    private sealed class MetadataSettings
    {
        public BuildMetadata Metadata { get; set; } = BuildMetadata.Empty;
    }

    private sealed class ChangeSettings
    {
        public Change? Change { get; set; }
    }
}
