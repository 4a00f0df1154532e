namespace BuildRunner.Tests.Runners;

public sealed class BuildRunnerAsTests
{
    private readonly NoopBuildRunner _noop = new();

    [Fact]
    public void A_runner_is_found_as_itself()
    {
        var runner = new FindingRunner(_noop);

        runner.As<IBuildFinder>().Should().BeSameAs(runner);
    }

    [Fact]
    public void A_side_interface_is_found_through_several_decorators()
    {
        var finder = new FindingRunner(_noop);

        new PlainDecorator(new PlainDecorator(new PlainDecorator(finder))).As<IBuildFinder>().Should().BeSameAs(finder);
    }

    [Fact]
    public void A_concrete_type_is_found()
    {
        new PlainDecorator(new FindingRunner(_noop)).As<NoopBuildRunner>().Should().BeSameAs(_noop);
    }

    [Fact]
    public void The_outermost_wins()
    {
        var outer = new FindingRunner(new FindingRunner(_noop));

        new PlainDecorator(outer).As<IBuildFinder>().Should().BeSameAs(outer);
    }

    [Fact]
    public void The_interface_itself_is_the_outermost_runner()
    {
        var outer = new PlainDecorator(_noop);

        outer.As<IBuildRunner>().Should().BeSameAs(outer);
    }

    [Fact]
    public void A_decorator_that_hides_its_inner_runner_ends_the_search()
    {
        var runner = new PlainDecorator(new HidingDecorator(new FindingRunner(_noop)));

        runner.As<IBuildFinder>().Should().BeNull();
        runner.As<NoopBuildRunner>().Should().BeNull();
    }

    [Fact]
    public void A_decorator_that_hides_its_inner_runner_is_found_itself()
    {
        var hiding = new HidingDecorator(_noop);

        new PlainDecorator(hiding).As<HidingDecorator>().Should().BeSameAs(hiding);
    }

    [Fact]
    public void A_reader_of_statuses_is_found_on_the_outermost_runner_alone()
    {
        var reader = Substitute.For<IBuildRunner, IBuildStatusReader>();

        reader.As<IBuildStatusReader>().Should().BeSameAs(reader);
        new PlainDecorator(reader).As<IBuildStatusReader>().Should().BeNull("the decorator may change what Status says");
    }

    [Fact]
    public void A_decorator_that_does_not_offer_what_it_implements_is_passed_by()
    {
        var finder = new FindingRunner(_noop);

        new ReservedDecorator(finder, offers: false).As<IBuildFinder>().Should().BeSameAs(finder);
        new ReservedDecorator(_noop, offers: false).As<IBuildFinder>().Should().BeNull();
        new ReservedDecorator(_noop, offers: false).As<IBuildStatusReader>().Should().BeNull();
    }

    [Fact]
    public void A_decorator_that_offers_what_it_implements_is_found()
    {
        var decorator = new ReservedDecorator(_noop, offers: true);

        decorator.As<IBuildFinder>().Should().BeSameAs(decorator);
        decorator.As<IBuildStatusReader>().Should().BeSameAs(decorator);
    }

    [Fact]
    public void What_is_not_there_is_null()
    {
        new PlainDecorator(_noop).As<IBuildLogSource>().Should().BeNull();
    }

    [Fact]
    public void A_null_runner_is_refused()
    {
        Action act = () => ((IBuildRunner)null!).As<IBuildFinder>();

        act.Should().Throw<ArgumentNullException>().WithParameterName("runner");
    }
}
